/// A phrase as it is written, word by word: what is between blanks. Services tell when a word is said and leave out
/// its commas and capitals, so that the two must be brought together.
public enum WrittenWords {
    /// In order; joined by blanks they are the phrase.
    public static func words(of text: String) -> [String] {
        text.split(whereSeparator: \.isWhitespace).map(String.init)
    }

    /// No phrase has as many: what a service tells beyond is not brought together.
    private static let most = 8000

    /// When each written word was heard; none where no heard word is like it. As many are found as can be in order
    /// (the longest common subsequence).
    public static func spans(of written: [String], heardAs heard: [SpokenWord]) -> [Span?] {
        var spans = [Span?](repeating: nil, count: written.count)
        let ours = written.map(letters), theirs = heard.prefix(most).map { letters($0.text) }
        // The length of what the rests from here on have in common, row after row.
        let width = theirs.count + 1
        var common = [UInt16](repeating: 0, count: (ours.count + 1) * width)
        for row in ours.indices.reversed() {
            for column in theirs.indices.reversed() {
                let here = row * width + column
                common[here] =
                    isSame(ours[row], theirs[column])
                    ? common[here + width + 1] + 1 : max(common[here + width], common[here + 1])
            }
        }
        var (row, column) = (0, 0)
        while row < ours.count, column < theirs.count {
            if isSame(ours[row], theirs[column]) {
                spans[row] = heard[column].span
                (row, column) = (row + 1, column + 1)
            } else if common[(row + 1) * width + column] >= common[row * width + column + 1] {
                row += 1
            } else {
                column += 1
            }
        }
        return spans
    }

    /// The written words with a time each: that of the heard word where one is like it, and else a share of what is
    /// left between its neighbours, by the length of the words. Nothing heard, nothing is made up.
    public static func timed(_ written: [String], heardAs heard: [SpokenWord], within span: Span)
        -> [SpokenWord]
    {
        guard !heard.isEmpty else { return [] }
        let known = spans(of: written, heardAs: heard)
        var timed: [SpokenWord] = []
        var index = 0
        while index < written.count {
            let start = max(span.startMilliseconds, timed.last?.endMilliseconds ?? span.startMilliseconds)
            if let own = known[index] {
                let start = max(start, own.startMilliseconds)
                timed.append(SpokenWord(written[index], start, max(start, own.endMilliseconds)))
                index += 1
                continue
            }
            let next = known[index...].firstIndex { $0 != nil } ?? written.count
            let end = max(
                start, next < written.count ? known[next]?.startMilliseconds ?? start : span.endMilliseconds)
            timed += spread(written[index..<next], from: start, to: end)
            index = next
        }
        return timed
    }

    private static func spread(_ words: ArraySlice<String>, from start: Int, to end: Int) -> [SpokenWord] {
        let lengths = words.map { max(1, $0.unicodeScalars.count) }
        let whole = lengths.reduce(0, +)
        var (spread, before): ([SpokenWord], Int) = ([], 0)
        for (word, length) in zip(words, lengths) {
            let (from, to) = (before * (end - start) / whole, (before + length) * (end - start) / whole)
            spread.append(SpokenWord(word, start + from, start + to))
            before += length
        }
        return spread
    }

    /// What is compared. A dash is like nothing, not even like another.
    private static func letters(_ word: String) -> String {
        var letters = String.UnicodeScalarView()
        for scalar in word.lowercased().unicodeScalars
        where scalar.properties.isAlphabetic || scalar.properties.numericType != nil {
            letters.append(scalar)
        }
        return String(letters)
    }

    private static func isSame(_ one: String, _ other: String) -> Bool { !one.isEmpty && one == other }
}

extension SpokenWord {
    fileprivate init(_ text: String, _ start: Int, _ end: Int) {
        self.init(text: text, startMilliseconds: start, endMilliseconds: end)
    }

    /// A service may say that a word ends before it begins: then it takes no time.
    public var span: Span {
        Span(
            startMilliseconds: startMilliseconds, endMilliseconds: max(startMilliseconds, endMilliseconds))
    }
}
