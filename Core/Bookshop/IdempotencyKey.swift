/// Chosen by the client as the name of one intent, so that a request sent twice acts once.
public struct IdempotencyKey: RawRepresentable, Hashable, Codable, Sendable {
    public let rawValue: String

    /// 16 to 255 visible ASCII characters: long enough to be random, and what Stripe takes too.
    public init?(rawValue: String) {
        guard (16...255).contains(rawValue.utf8.count),
            rawValue.utf8.allSatisfy({ (0x21...0x7E).contains($0) })
        else { return nil }
        self.rawValue = rawValue
    }
}

/// The key was used before, for another request. Answering it would hide a mistake of the client's.
public struct IdempotencyKeyReused: Error, Equatable {
    public init() {}
}
