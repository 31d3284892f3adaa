/// What a webhook of Clerk's says has happened to an account (clerk.com/docs/webhooks), as far as it concerns us.
public struct AccountEvent: Hashable, Sendable {
    public enum Change: Hashable, Sendable {
        /// It was made or changed, and this is how it is now.
        case told(AccountFact)
        /// It was deleted, for ever: the provider never gives its id to another.
        case gone(subject: String)
        case other
        /// It is about an account, and cannot be understood: which member is not of its form.
        case unreadable(String)
    }

    public let type: String
    public let subject: String?
    public let change: Change

    /// Throws when the body is no event at all.
    public init(_ body: [UInt8]) throws(IdentityError) {
        guard let members = (try? StrictJSON(body))?.object, let type = members["type"]?.string,
            (1...100).contains(type.utf8.count), members["object"] == .string("event"),
            let data = members["data"]?.object
        else { throw .malformedEvent }
        self.type = type
        let subject = data["id"]?.string.flatMap { Self.isID($0) ? $0 : nil }
        self.subject = subject
        switch type {
        case "user.created", "user.updated": change = Self.told(data, of: subject)
        case "user.deleted": change = subject.map(Change.gone) ?? .unreadable("id")
        default: change = .other
        }
    }

    /// As the `sub` of a token, which it is held against.
    private static func isID(_ text: String) -> Bool {
        (1...255).contains(text.utf8.count)
            && text.unicodeScalars.allSatisfy { $0.properties.generalCategory != .control }
    }

    private static func told(_ data: [String: StrictJSON], of subject: String?) -> Change {
        guard let subject else { return .unreadable("id") }
        guard let updated = data["updated_at"]?.number, (1...9_007_199_254_740_991).contains(updated) else {
            return .unreadable("updated_at")
        }
        guard let addresses = data["email_addresses"]?.array else { return .unreadable("email_addresses") }
        // An account may have several addresses, and none that is the first.
        let primary = data["primary_email_address_id"]?.string
        let address = addresses.lazy.compactMap(\.object).first {
            $0["id"]?.string == primary && primary != nil
        }
        let words = ["first_name", "last_name"].compactMap { data[$0]?.string }.filter { !$0.isEmpty }
        return .told(
            AccountFact(
                subject: subject, email: address?["email_address"]?.string,
                isEmailVerified: address?["verification"]?.object?["status"] == .string("verified"),
                name: words.isEmpty ? nil : words.joined(separator: " "), updatedAtMilliseconds: updated))
    }
}

/// How an account is, since a moment of the provider's clock.
public struct AccountFact: Hashable, Sendable {
    public let subject: String
    public let email: String?
    public let isEmailVerified: Bool
    public let name: String?
    public let updatedAtMilliseconds: Double
}
