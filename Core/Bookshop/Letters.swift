extension LanguageTag {
    /// Whether a text is mostly in letters in which this language is not written: Cyrillic where it is English, Latin
    /// where it is Greek. Of a few letters nothing is said, for a name or a quotation is in any; nor of languages that
    /// are written in both, or that are not listed here.
    public func isStrange(to text: some StringProtocol) -> Bool {
        let isLatin = Self.inLatin.contains(language)
        guard isLatin || Self.inOthers.contains(language) else { return false }
        var (letters, latin) = (0, 0)
        for scalar in text.unicodeScalars where scalar.properties.isAlphabetic {
            letters += 1
            // As far as Latin Extended-B, and Latin Extended Additional.
            if scalar.value < 0x250 || (0x1E00...0x1EFF).contains(scalar.value) { latin += 1 }
        }
        let strange = isLatin ? letters - latin : latin
        return letters >= Self.fewestLetters && strange * 2 > letters
    }

    private static let fewestLetters = 20

    private static let inLatin: Set = [
        "af", "br", "ca", "cs", "cy", "da", "de", "en", "eo", "es", "et", "eu", "fi", "fo", "fr", "fy",
        "ga", "gd", "gl", "hr", "ht", "hu", "id", "is", "it", "la", "lb", "lt", "lv", "mi", "mt", "nb",
        "nl", "nn", "no", "oc", "pl", "pt", "rm", "ro", "sk", "sl", "sq", "sv", "sw", "tl", "tr", "vi",
    ]

    private static let inOthers: Set = [
        "am", "ar", "as", "be", "bg", "bn", "bo", "el", "fa", "gu", "he", "hi", "hy", "ja", "ka", "km",
        "kn", "ko", "lo", "mk", "ml", "mr", "my", "ne", "ps", "ru", "si", "ta", "te", "th", "uk", "ur",
        "yi", "zh",
    ]
}

extension SpokenText {
    /// Whether it was heard in another language than the book's: the service says so, or the letters do.
    public func isForeign(to language: LanguageTag) -> Bool {
        isTold(foreignTo: language)
            || language.isStrange(to: segments.map(\.text).joined(separator: " "))
    }

    /// Codes of three letters have synonyms of two, and are not compared.
    private func isTold(foreignTo language: LanguageTag) -> Bool {
        guard let told = self.language else { return false }
        let codes = [LanguageTag.spoken(told), language.spokenLanguage]
        return codes[0] != codes[1] && codes.allSatisfy { $0.utf8.count == 2 }
    }
}
