public import FoundationEssentials

/// The right of a customer to one audiobook. It is taken away by its state and never by deleting it.
public struct Entitlement: Hashable, Sendable {
    public typealias ID = Identifier<Entitlement>

    public enum State: String, CaseIterable, Codable, Sendable {
        case active
        /// For the time of a dispute: nothing is heard, and the place is kept.
        case suspended
        case revoked
    }

    public let id: ID
    public let audiobook: Audiobook.ID
    public let state: State
    public let grantedAt: Date

    public init(id: ID, audiobook: Audiobook.ID, state: State, grantedAt: Date) {
        (self.id, self.audiobook, self.state, self.grantedAt) = (id, audiobook, state, grantedAt)
    }
}

/// Why somebody may not hear a book.
public enum AccessError: Error, Equatable {
    /// The book is sold, and not theirs.
    case notEntitled
    case suspended
    case revoked
    case noSuchBook
}

/// One file of an edition, and where in the book it plays.
public struct Track: Hashable, Sendable {
    public let position: Int
    public let asset: AudioAsset
    public let span: Span

    public init(position: Int, asset: AudioAsset, span: Span) {
        (self.position, self.asset, self.span) = (position, asset, span)
    }
}

/// That somebody was given an address to hear a book at. Kept as evidence in disputes.
public struct AccessRecord: Hashable, Sendable {
    public enum Action: String, Codable, Sendable { case stream, download }

    public let entitlement: Entitlement.ID
    public let asset: AudioAsset.ID
    public let action: Action
    public let ip: String?
    public let userAgent: String?

    public init(
        entitlement: Entitlement.ID, asset: AudioAsset.ID, action: Action, ip: String?, userAgent: String?
    ) {
        (self.entitlement, self.asset, self.action) = (entitlement, asset, action)
        (self.ip, self.userAgent) = (ip, userAgent)
    }
}
