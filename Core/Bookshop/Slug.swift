/// The name of something in addresses: `the-mill-on-the-floss`.
public struct Slug: RawRepresentable, Hashable, Codable, Sendable {
    public let rawValue: String
    /// Of those made of a title 80, so that a number still fits behind.
    public static let maximumLength = 100
    private static let maximumTitleLength = 80

    public init?(rawValue: String) {
        let parts = rawValue.split(separator: "-", omittingEmptySubsequences: false)
        guard rawValue.utf8.count <= Self.maximumLength,
            parts.allSatisfy({ !$0.isEmpty && $0.utf8.allSatisfy(Self.isPlain) })
        else { return nil }
        self.rawValue = rawValue
    }

    /// Made of a title. Latin letters lose their accents; what has no Latin letter leaves a gap, and a
    /// title without any is "audiobook", which the catalogue then numbers.
    public init(of title: String) {
        var words: [String] = [""]
        for scalar in title.lowercased().unicodeScalars {
            if let letters = Self.letters(of: scalar) {
                words[words.count - 1] += letters
            } else if !scalar.properties.isDiacritic, scalar != "'", scalar != "\u{2019}" {
                words.append("")
            }
        }
        var text = ""
        for word in words where !word.isEmpty {
            let longer = text.isEmpty ? String(word.prefix(Self.maximumTitleLength)) : text + "-" + word
            guard longer.utf8.count <= Self.maximumTitleLength else { break }
            text = longer
        }
        rawValue = text.isEmpty ? "audiobook" : text
    }

    private static func isPlain(_ byte: UInt8) -> Bool {
        (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte)
            || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
    }

    /// Unicode names its letters: "LATIN SMALL LETTER E WITH ACUTE" is an e, "… LETTER AE" an ae.
    private static func letters(of scalar: Unicode.Scalar) -> String? {
        if scalar.isASCII { return isPlain(UInt8(scalar.value)) ? String(scalar) : nil }
        let prefix = "LATIN SMALL LETTER "
        guard let name = scalar.properties.name, name.hasPrefix(prefix) else { return nil }
        let words = name.dropFirst(prefix.count).split(separator: " ").prefix { $0 != "WITH" }
        guard let letter = words.last, letter.utf8.count <= 2 else { return nil }
        return scalar == "ß" ? "ss" : letter.lowercased()
    }
}
