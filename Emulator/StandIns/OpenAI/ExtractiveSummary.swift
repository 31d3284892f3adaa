import Foundation

/// The sentences nearest to what the whole text is about, in their order, none of which says another again.
struct ExtractiveSummary: Sendable {
    let text: String

    private static let mostSentences = 5000
    /// Speech comes without full stops; then this many words are a sentence.
    private static let piece = 25
    private static let tooAlike = 0.6

    private struct Sentence {
        var text: String
        var wordCount: Int
        var weights: [String: Double]
    }

    init(of text: String, words limit: Int) {
        var sentences = Self.sentences(of: text)
        guard !sentences.isEmpty else {
            self.text = ""
            return
        }
        let rarity = Self.rarity(sentences)
        for index in sentences.indices {
            sentences[index].weights = Self.normalised(
                sentences[index].weights.reduce(into: [:]) { $0[$1.key] = $1.value * (rarity[$1.key] ?? 0) })
        }
        let centre = Self.normalised(
            sentences.reduce(into: [:]) { sum, sentence in
                for (word, weight) in sentence.weights { sum[word, default: 0] += weight }
            })
        let ranked = sentences.indices.map { ($0, Self.likeness(sentences[$0].weights, centre)) }
            .sorted { ($0.1, $1.0) > ($1.1, $0.0) }.map(\.0)
        let words = Self.chosen(ranked, from: sentences, words: limit)
            .flatMap { sentences[$0].text.split(separator: " ") }
        self.text = words.prefix(limit).joined(separator: " ")
    }

    /// The best that fit; where none does, the best.
    private static func chosen(_ ranked: [Int], from sentences: [Sentence], words limit: Int) -> [Int] {
        var chosen: [Int] = []
        var left = limit
        for index in ranked where sentences[index].wordCount <= left {
            let isNew = chosen.allSatisfy {
                likeness(sentences[$0].weights, sentences[index].weights) < tooAlike
            }
            guard isNew else { continue }
            chosen.append(index)
            left -= sentences[index].wordCount
            if left < 4 { break }
        }
        return chosen.isEmpty ? Array(ranked.prefix(1)) : chosen.sorted()
    }

    private static func sentences(of text: String) -> [Sentence] {
        var sentences: [Sentence] = []
        var words: [Substring] = []
        func finish() {
            guard !words.isEmpty else { return }
            var weights: [String: Double] = [:]
            for word in words {
                let bare = word.lowercased().filter { $0.isLetter || $0.isNumber || $0 == "'" }
                if bare.count > 2, !common.contains(bare) { weights[bare, default: 0] += 1 }
            }
            sentences.append(
                Sentence(text: words.joined(separator: " "), wordCount: words.count, weights: weights))
            words = []
        }
        for line in text.split(whereSeparator: \.isNewline) {
            for word in line.split(whereSeparator: \.isWhitespace) {
                words.append(word)
                let isEnd = word.drop(while: { $0.isLetter || $0.isNumber }).contains { ".!?".contains($0) }
                if (isEnd && words.count > 3) || words.count >= 2 * piece { finish() }
                if sentences.count >= mostSentences { return sentences }
            }
            if words.count >= piece { finish() }
        }
        finish()
        return sentences
    }

    /// Words that few sentences hold tell more.
    private static func rarity(_ sentences: [Sentence]) -> [String: Double] {
        var counts: [String: Double] = [:]
        for sentence in sentences { for word in sentence.weights.keys { counts[word, default: 0] += 1 } }
        return counts.mapValues { log(1 + Double(sentences.count) / $0) }
    }

    private static func normalised(_ weights: [String: Double]) -> [String: Double] {
        let length = sqrt(weights.values.reduce(0) { $0 + $1 * $1 })
        return length == 0 ? weights : weights.mapValues { $0 / length }
    }

    private static func likeness(_ one: [String: Double], _ other: [String: Double]) -> Double {
        one.reduce(0) { $0 + $1.value * (other[$1.key] ?? 0) }
    }

    private static let common: Set<String> = [
        "about", "after", "again", "all", "also", "and", "any", "are", "because", "been", "before", "but",
        "can",
        "could", "did", "for", "from", "had", "has", "have", "her", "here", "him", "his", "how", "into",
        "its",
        "just", "like", "may", "more", "most", "much", "must", "not", "now", "one", "only", "other", "our",
        "out", "over", "said", "shall", "she", "should", "some", "such", "than", "that", "the", "their",
        "them",
        "then", "there", "these", "they", "this", "those", "through", "upon", "very", "was", "were", "what",
        "when", "where", "which", "while", "who", "why", "will", "with", "would", "you", "your",
    ]
}
