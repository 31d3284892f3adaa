extension SpokenText {
    /// Whether the model lost itself: the same words over and over, as no reader says them. Verses that come back are
    /// none, for something stands between them; nor is what is said a few times in a row, as in songs and in grief.
    public var isLooping: Bool {
        let words = segments.flatMap { segment in
            segment.text.split(whereSeparator: \.isWhitespace).compactMap { word in
                let letters = word.lowercased().filter { $0.isLetter || $0.isNumber }
                return letters.isEmpty ? nil : letters
            }
        }
        return (1...Self.longestPhrase).contains { repetitions(of: $0, in: words) >= Self.fewest(of: $0) }
    }

    private static let longestPhrase = 24

    /// How often in a row a phrase of so many words is said by nobody.
    private static func fewest(of words: Int) -> Int {
        switch words {
        case 1: 15
        case 2: 9
        case 3: 7
        case 4...7: 6
        default: 5
        }
    }

    /// How often at most some phrase of this length follows upon itself.
    private func repetitions(of length: Int, in words: [String]) -> Int {
        var (same, most) = (0, 0)
        for index in words.indices.dropFirst(length) {
            same = words[index] == words[index - length] ? same + 1 : 0
            most = max(most, same)
        }
        return most / length + 1
    }
}
