/// An address that mail can be sent to, as far as its form says. Whether it arrives, only sending it shows.
public struct EmailAddress: RawRepresentable, Hashable, Codable, Sendable {
    public let rawValue: String

    /// `local@domain`, without the comments and quoted words of RFC 5322, which no mailbox in use has.
    public init?(rawValue: String) {
        let parts = rawValue.split(separator: "@", omittingEmptySubsequences: false)
        guard rawValue.utf8.count <= 320, parts.count == 2, (1...64).contains(parts[0].utf8.count),
            parts[1].utf8.count <= 255,
            rawValue.unicodeScalars.allSatisfy({
                Self.isVisible($0) && !"<>()[],;:\\\"".unicodeScalars.contains($0)
            })
        else { return nil }
        let labels = parts[1].split(separator: ".", omittingEmptySubsequences: false)
        guard labels.count >= 2,
            labels.allSatisfy({ !$0.isEmpty && !$0.hasPrefix("-") && !$0.hasSuffix("-") })
        else { return nil }
        self.rawValue = rawValue
    }

    private static func isVisible(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.properties.generalCategory {
        case .control, .format, .spaceSeparator, .lineSeparator, .paragraphSeparator, .unassigned, .surrogate,
            .privateUse:
            false
        default: true
        }
    }
}
