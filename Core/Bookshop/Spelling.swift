/// How far a word may be from what it was meant to be.
public enum Spelling {
    /// The least letters to add, leave out, change or swap with their neighbour (Damerau and Levenshtein's
    /// distance, each place changed once); none if that is more than `most`.
    public static func distance(_ one: String, _ other: String, atMost most: Int) -> Int? {
        let one = Array(one.unicodeScalars), other = Array(other.unicodeScalars)
        guard abs(one.count - other.count) <= most else { return nil }
        guard !one.isEmpty, !other.isEmpty else { return max(one.count, other.count) }
        var beforeLast: [Int] = []
        var last = Array(0...other.count)
        for row in 1...one.count {
            var current = [row]
            current.reserveCapacity(other.count + 1)
            for column in 1...other.count {
                let isSame = one[row - 1] == other[column - 1]
                var least = min(
                    last[column] + 1, current[column - 1] + 1, last[column - 1] + (isSame ? 0 : 1))
                if row > 1, column > 1, one[row - 1] == other[column - 2], one[row - 2] == other[column - 1] {
                    least = min(least, beforeLast[column - 2] + 1)
                }
                current.append(least)
            }
            (beforeLast, last) = (last, current)
        }
        return last[other.count] <= most ? last[other.count] : nil
    }

    /// How many slips a word of this length is forgiven. In a short one each letter says much.
    public static func forgiven(in word: String) -> Int {
        switch word.unicodeScalars.count {
        case ..<4: 0
        case ..<6: 1
        case ..<10: 2
        default: 3
        }
    }

    /// Those of the words that may have been meant, the nearest first; of equally near ones, in the order given.
    public static func near(_ word: String, among words: [String], most: Int = 5) -> [String] {
        let forgiven = forgiven(in: word)
        guard forgiven > 0 else { return [] }
        let near = words.enumerated().compactMap { index, other -> (Int, Int, String)? in
            guard other != word, let distance = distance(word, other, atMost: forgiven) else { return nil }
            return (distance, index, other)
        }
        return near.sorted { ($0.0, $0.1) < ($1.0, $1.1) }.prefix(most).map(\.2)
    }
}
