public import FoundationEssentials

/// What an identity provider says of somebody. Issuer and subject tell people apart; all else may change.
public struct Account: Hashable, Sendable {
    public let issuer: String
    public let subject: String
    public let email: String?
    public let isEmailVerified: Bool
    public let name: String?
    /// By the provider's clock: of two things it says, the newer holds.
    public let toldAt: Date?

    public init(
        issuer: String, subject: String, email: String? = nil, isEmailVerified: Bool = false,
        name: String? = nil, toldAt: Date? = nil
    ) {
        (self.issuer, self.subject, self.toldAt) = (issuer, subject, toldAt)
        // What the records cannot hold is left out: it is no reason to turn somebody away.
        self.email = Self.text(email, of: 3...320)
        self.name = Self.text(name, of: 1...300)
        self.isEmailVerified = self.email != nil && isEmailVerified
    }

    private static func text(_ text: String?, of length: ClosedRange<Int>) -> String? {
        text.flatMap { text in
            let scalars = text.unicodeScalars
            let isText = scalars.allSatisfy { $0.properties.generalCategory != .control }
            return isText && length.contains(scalars.count) ? text : nil
        }
    }
}

/// One time that somebody signed in.
public struct SignIn: Hashable, Sendable {
    /// When they last proved who they are, as far as the token says.
    public let at: Date?
    /// The provider's name for the session.
    public let session: String?

    public init(at: Date?, session: String?) { (self.at, self.session) = (at, session) }

    /// What cannot be undone is asked of whoever signed in no longer ago than this.
    public static let freshSeconds = 600.0

    public func isFresh(at now: Date) -> Bool {
        at.map { now.timeIntervalSince($0) <= Self.freshSeconds } ?? false
    }
}

/// The account's person was forgotten, and whoever shows this token signed in before that.
public enum AccountError: Error, Equatable { case erased }
