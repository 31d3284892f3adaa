/// A language and perhaps its country, as in BCP 47: `en`, `en-GB`.
public struct LanguageTag: RawRepresentable, Hashable, Codable, Sendable {
    public let rawValue: String

    public init?(rawValue: String) {
        let parts = rawValue.split(separator: "-", omittingEmptySubsequences: false)
        guard let language = parts.first, (2...3).contains(language.utf8.count), parts.count <= 2,
            language.utf8.allSatisfy({ (UInt8(ascii: "a")...UInt8(ascii: "z")).contains($0) })
        else { return nil }
        if let country = parts.dropFirst().first {
            guard country.utf8.count == 2,
                country.utf8.allSatisfy({ (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains($0) })
            else { return nil }
        }
        self.rawValue = rawValue
    }

    /// Without the country.
    public var language: String { String(rawValue.prefix { $0 != "-" }) }

    /// What speech services know. Norwegian is written in two ways, with a code for each, and spoken under a third.
    public var spokenLanguage: String { Self.spoken(language) }

    static func spoken(_ code: String) -> String { ["nb", "nn"].contains(code) ? "no" : code }
}
