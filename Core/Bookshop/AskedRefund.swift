public import FoundationEssentials

/// What a customer asked to have back. Whoever gives money back decides.
public struct AskedRefund: Hashable, Sendable {
    public enum Reason: String, CaseIterable, Codable, Sendable {
        case changedMind = "changed_mind"
        case duplicate, faulty
    }

    /// The books of the order, counted from one.
    public let lines: [Int]
    public let reason: Reason
    public let askedAt: Date

    public init(lines: [Int], reason: Reason, askedAt: Date) {
        (self.lines, self.reason, self.askedAt) = (lines, reason, askedAt)
    }
}
