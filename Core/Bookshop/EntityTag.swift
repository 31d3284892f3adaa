/// The version of a thing as HTTP tells it (RFC 9110, 8.8.3), so that nobody overwrites what they have
/// not seen.
public struct EntityTag: Hashable, Sendable, CustomStringConvertible {
    public let version: Int
    public init(version: Int) { self.version = version }

    /// Reads one strong tag of ours, as sent in `If-Match`. A weak one never matches there.
    public init?(headerValue: String) {
        // Versions are kept in 32 bits: what is larger was never given out, as what is written otherwise.
        guard let version = Int32(headerValue.dropFirst().dropLast()), version >= 0 else { return nil }
        self.version = Int(version)
        guard description == headerValue else { return nil }
    }

    public var description: String { "\"\(version)\"" }
}
