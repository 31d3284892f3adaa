public import FoundationEssentials

/// Tells one entity from another of its kind, and its kind from the others: an `Audiobook.ID` is
/// not taken where an `Order.ID` is asked for.
public struct Identifier<Entity>: RawRepresentable, Hashable, Codable, Sendable {
    public let rawValue: UUID
    public init(rawValue: UUID) { self.rawValue = rawValue }
    public init() { rawValue = UUID() }

    /// Reads the text form. It comes from outside, so what is no identifier is `nil`.
    public init?(_ text: some StringProtocol) {
        guard let uuid = UUID(uuidString: String(text)) else { return nil }
        rawValue = uuid
    }

    public init(from decoder: any Decoder) throws { rawValue = try UUID(from: decoder) }
    public func encode(to encoder: any Encoder) throws { try description.encode(to: encoder) }
}

extension Identifier: CustomStringConvertible {
    public var description: String { rawValue.uuidString.lowercased() }
}
