/// The version of a thing as HTTP tells it (RFC 9110, 8.8.3), so that nobody overwrites what they have
/// not seen.
public struct EntityTag: Hashable, Sendable, CustomStringConvertible {
    public let version: Int
    public init(version: Int) { self.version = version }

    /// Reads one strong tag of ours, as sent in `If-Match`. A weak one never matches there.
    public init?(headerValue: String) {
        guard headerValue.hasPrefix("\""), headerValue.hasSuffix("\""), headerValue.utf8.count > 2 else {
            return nil
        }
        let digits = headerValue.dropFirst().dropLast()
        guard digits.utf8.allSatisfy({ (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }),
            let version = Int(digits)
        else { return nil }
        self.version = version
    }

    public var description: String { "\"\(version)\"" }
}
