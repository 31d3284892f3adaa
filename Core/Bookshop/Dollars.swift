/// Dollars as they are written in settings.
enum Dollars {
    /// In billionths. Up to five digits stand before the point, and so many behind it, up to nine.
    static func nanodollars(_ text: Substring, decimals: Int) -> Int? {
        let parts = text.split(separator: ".", omittingEmptySubsequences: false)
        guard (1...2).contains(parts.count), let whole = digits(parts[0], 1...5) else { return nil }
        guard parts.count == 2 else { return whole * 1_000_000_000 }
        guard digits(parts[1], 1...decimals) != nil else { return nil }
        return Int(parts[1] + String(repeating: "0", count: 9 - parts[1].utf8.count)).map {
            whole * 1_000_000_000 + $0
        }
    }

    /// Millionths of so many billionths, rounded up: what cost anything did not cost nothing.
    static func microdollars(_ nanodollars: Int) -> Int { (nanodollars + 999) / 1000 }

    private static func digits(_ text: Substring, _ length: ClosedRange<Int>) -> Int? {
        length.contains(text.utf8.count) && text.utf8.allSatisfy { (0x30...0x39).contains($0) }
            ? Int(text) : nil
    }
}
