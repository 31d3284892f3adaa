/// What somebody looks for in texts: words, and phrases in quotes, all of which are said at one place.
public struct PassageQuery: Hashable, Sendable {
    /// As it was typed.
    public let text: String
    public let parts: [Part]

    /// A word, or the words of a phrase in their order.
    public struct Part: Hashable, Sendable {
        public let words: [String]
        public var isPhrase: Bool { words.count > 1 }
        /// Those by which it is looked for.
        public var lookedUp: ArraySlice<String> { words.prefix(mostWordsLookedUp) }
        public var text: String { words.joined(separator: " ") }

        public init(words: [String]) { self.words = words }
    }

    public static let mostCharacters = 200
    public static let mostParts = 12
    /// So many words of a phrase are looked up; what goes on behind them is compared then.
    public static let mostWordsLookedUp = 8

    /// None if there is nothing in it that could be said. A quote that is not closed runs to the end; ends of lines and
    /// other control characters that were pasted with it are blanks.
    public init?(_ typed: String) {
        guard typed.fitsInLines(1...Self.mostCharacters) else { return nil }
        let blank: Unicode.Scalar = " "
        let text = String(
            String.UnicodeScalarView(
                typed.unicodeScalars.map { $0.properties.generalCategory == .control ? blank : $0 }))
        var parts: [Part] = []
        for (index, piece) in text.split(omittingEmptySubsequences: false, whereSeparator: Self.isQuote)
            .enumerated()
        {
            let words = WrittenWords.words(of: String(piece)).filter(Self.isSaid)
            guard !words.isEmpty else { continue }
            parts += index % 2 == 1 ? [Part(words: words)] : words.map { Part(words: [$0]) }
        }
        guard (1...Self.mostParts).contains(parts.count) else { return nil }
        (self.text, self.parts) = (text.trimmed, parts)
    }

    private static func isQuote(_ character: Character) -> Bool { "\"“”„«»".contains(character) }

    private static func isSaid(_ word: String) -> Bool {
        word.unicodeScalars.contains { $0.properties.isAlphabetic || $0.properties.numericType != nil }
    }

    /// With these words in the place of those that were typed; quotes stay.
    public func replacing(_ meant: [String: String]) -> String {
        parts.map { part in
            let text = part.words.map { meant[$0] ?? $0 }.joined(separator: " ")
            return part.isPhrase ? "\"\(text)\"" : text
        }.joined(separator: " ")
    }
}

/// A query in which each part may be any of several.
public struct GuessedPassage: Hashable, Sendable {
    public let query: PassageQuery
    /// In the order of the query's parts; the first of each is as it was typed.
    public let alternatives: [[PassageQuery.Part]]

    /// As it was typed.
    public init(_ query: PassageQuery) {
        (self.query, alternatives) = (query, query.parts.map { [$0] })
    }

    /// With what each word may have been meant to be, the nearest first. Of a phrase not all combinations are tried:
    /// the nearest of each word is put in its place.
    public init(_ query: PassageQuery, near: [String: [String]]) {
        self.query = query
        alternatives = query.parts.map { part in
            if part.isPhrase {
                let meant = PassageQuery.Part(words: part.words.map { near[$0]?.first ?? $0 })
                return meant == part ? [part] : [part, meant]
            }
            return [part] + part.words.flatMap { near[$0] ?? [] }.map { PassageQuery.Part(words: [$0]) }
        }
    }

    public var isGuess: Bool { alternatives.contains { $0.count > 1 } }
}
