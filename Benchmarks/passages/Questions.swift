import Bookshop
import Foundation
import Measuring
import Records

// What listeners look for, and where.

extension Bench {
    mutating func measurePassages(of shop: SpokenShop) throws {
        let all = Array(shop.books.indices)
        try measure(in: "one book", of: shop.owner, shop.owned, only: shop)
        try measure(in: "a library of \(shop.owned.count) books", of: shop.owner, shop.owned)
        try measure(in: "the whole shop", of: shop.collector, all)
    }

    /// In one book at a time of these, or in all of them at once.
    private mutating func measure(
        in place: String, of customer: Customer.ID, _ books: [Int], only shop: SpokenShop? = nil
    ) throws {
        let kinds: [(String, (inout Random, SpokenBook) -> String)] = [
            ("a phrase", { random, book in "\"\(said(in: book, &random))\"" }),
            ("a frequent word", { random, _ in Vocabulary.word(.random(in: 1...20, using: &random)) }),
            ("a rare word", { random, _ in Vocabulary.word(.random(in: 20_000...60_000, using: &random)) }),
            (
                "two words",
                { random, book in
                    let words = said(in: book, &random).split(separator: " ")
                    return "\(words[2]) \(words[0])"
                }
            ),
            ("a phrase with a slip", { random, book in random.slip(said(in: book, &random)) }),
        ]
        for (name, text) in kinds {
            try measure("\(place): \(name)", as: "library", times: 200) { random in
                let number = books.randomElement(using: &random)!
                let search = PassageSearch(
                    PassageQuery(text(&random, SpokenBook(number: number)))!, of: customer,
                    in: shop?.books[number])
                return { _ = try $0.passages(search) }
            }
        }
    }
}

/// Three words as they are said, one after the other.
private func said(in book: SpokenBook, _ random: inout Random) -> String {
    let words = book.words(.random(in: 1...SpokenBook.phrases, using: &random))
    return words.dropFirst(.random(in: 0...words.count - 3, using: &random)).prefix(3).joined(separator: " ")
}
