/// The words of a found phrase and of what follows it, each with what it stands as in the index.
public struct PassageText: Hashable, Sendable {
    public let words: [String]
    /// Of each word; a dash has none, "well-known" more than one.
    public let lexemes: [Set<String>]

    public init(words: [String], lexemes: [Set<String>]) {
        precondition(words.count == lexemes.count, "each word stands as something")
        (self.words, self.lexemes) = (words, lexemes)
    }

    /// Which of the words are those that were looked for: of each part every place where one of its alternatives
    /// stands, word after word. Should the index know better than we do what a word is, those count that have a lexeme
    /// of it.
    public func matches(of parts: [[[Set<String>]]]) -> Set<Int> {
        // What is no word does not stand between two that are.
        let said = lexemes.indices.filter { !lexemes[$0].isEmpty }
        var found: Set<Int> = []
        for part in parts {
            for alternative in part {
                let asked = alternative.filter { !$0.isEmpty }
                guard !asked.isEmpty, asked.count <= said.count else { continue }
                for start in 0...(said.count - asked.count)
                where asked.indices.allSatisfy({ asked[$0].isSubset(of: lexemes[said[start + $0]]) }) {
                    found.formUnion(said[start..<(start + asked.count)])
                }
            }
        }
        if !found.isEmpty { return found }
        let asked = parts.joined().joined().reduce(into: Set<String>()) { $0.formUnion($1) }
        return Set(said.filter { !lexemes[$0].isDisjoint(with: asked) })
    }

    /// So many words are shown, about a third of them ahead of the first that was looked for.
    static let mostWordsShown = 36

    /// The text with its matches. Of what follows the phrase (`ownWords` are its own) it holds what was looked for.
    public func snippet(showing matches: Set<Int>, ownWords: Int) -> [Passage.Fragment] {
        let end = max(ownWords, (matches.max() ?? -1) + 1)
        let first = matches.min() ?? 0
        let from = end <= Self.mostWordsShown ? 0 : max(0, min(first - 12, end - Self.mostWordsShown))
        let to = min(end, from + Self.mostWordsShown)
        var fragments: [Passage.Fragment] = []
        for index in from..<to {
            let isMatch = matches.contains(index)
            let word = (index > from ? " " : from > 0 ? "… " : "") + words[index]
            // What is between two words that were looked for belongs to neither.
            if let last = fragments.last, last.isMatch == isMatch {
                fragments[fragments.count - 1] = Passage.Fragment(text: last.text + word, isMatch: isMatch)
            } else if isMatch, word != words[index] {
                let blank = String(word.dropLast(words[index].count))
                if let last = fragments.last {
                    fragments[fragments.count - 1] = Passage.Fragment(
                        text: last.text + blank, isMatch: last.isMatch)
                } else {
                    fragments.append(Passage.Fragment(text: blank, isMatch: false))
                }
                fragments.append(Passage.Fragment(text: words[index], isMatch: true))
            } else {
                fragments.append(Passage.Fragment(text: word, isMatch: isMatch))
            }
        }
        if to < end { fragments.append(Passage.Fragment(text: " …", isMatch: false)) }
        return fragments
    }
}
