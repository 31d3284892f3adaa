import Bookshop
import Foundation
import Measuring

/// Words that can be spoken; the frequent ones are short, as in any language.
enum Vocabulary {
    static let count = 60_000
    private static let syllables = "bdfghjklmnprstvwyz".flatMap { consonant in
        "aeiou".map { "\(consonant)\($0)" }
    }

    static func word(_ rank: Int) -> String {
        var (word, rest) = ("", rank)
        repeat {
            rest -= 1
            word += syllables[rest % syllables.count]
            rest /= syllables.count
        } while rest > 0
        return word
    }
}

/// What is said in a book: the same each time it is asked for.
struct SpokenBook {
    static let phrases = 3000
    static let words = 6...22
    static let phraseMilliseconds = 6000

    let number: Int

    func words(_ position: Int) -> [String] {
        var random = Random(state: UInt64(number) << 32 | UInt64(position))
        return (0..<Int.random(in: Self.words, using: &random)).map { _ in
            Vocabulary.word(random.zipf(Vocabulary.count))
        }
    }

    /// At the milliseconds of the book, or counted from the beginning of the piece it is heard in.
    func phrase(_ position: Int, from beginning: Int = 0) -> SpokenSegment {
        let start = (position - 1) * Self.phraseMilliseconds - beginning, words = words(position)
        let each = Self.phraseMilliseconds / words.count
        return SpokenSegment(
            text: words.joined(separator: " "), startMilliseconds: start,
            endMilliseconds: start + Self.phraseMilliseconds,
            words: words.enumerated().map { index, word in
                SpokenWord(
                    text: word, startMilliseconds: start + index * each,
                    endMilliseconds: start + (index + 1) * each)
            })
    }

    /// The first seven words of what is said after a phrase.
    func following(_ position: Int) -> String {
        guard position < Self.phrases else { return "" }
        return (words(position + 1) + (position + 1 < Self.phrases ? words(position + 2) : [])).prefix(7)
            .joined(separator: " ")
    }
}
