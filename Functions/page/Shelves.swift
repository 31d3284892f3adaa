import Core
import Pages

extension Visit {
    /// Somebody, and what they had a hand in.
    func person() throws -> Response {
        let reference = try reference(of: Contributor.self)
        let cursor = try request.narrowed.page().cursor
        let (person, books, listings) = try shop.database.transaction(.readOnly) { transaction in
            guard let person = try transaction.contributor(reference, seenBy: .anyone) else {
                throw ShelfError.noSuchEntry
            }
            let books = try transaction.books(of: person.id, seenBy: .anyone, after: cursor, size: .window)
            return (person, books, try transaction.listings(of: books.items.map(\.id), in: shop.currency))
        }
        func shelf(_ heading: String, _ belongs: ([Credit.Role]) -> Bool) -> PageValue? {
            let cards = books.items.compactMap { book -> PageValue? in
                guard case .credits(let roles) = book.tie, belongs(roles) else { return nil }
                return listings[book.id].map { card($0) }
            }
            return cards.isEmpty ? nil : ["heading": .text(say(heading)), "books": .list(cards)]
        }
        // Whoever reads what they wrote is named for having written it.
        let shelves = [
            shelf("shop.person.written") { $0.contains(.author) },
            shelf("shop.person.read") { !$0.contains(.author) && $0.contains(.narrator) },
            shelf("shop.person.other") { !$0.contains(.author) && !$0.contains(.narrator) },
        ]
        return try answer(
            200, "person", title: person.name, description: person.biography, kind: "profile",
            isHidden: cursor != nil,
            facts: [.person(person, at: shop.storeURL)],
            [
                "person": [
                    "name": .text(person.name), "distinction": .text(person.distinction),
                    "biography": .paragraphs(person.biography),
                ],
                "shelves": .list(shelves.compactMap { $0 }), "more": PageValue(more(behind: books.next)),
            ])
    }

    /// A series, its books as they follow one another.
    func series() throws -> Response {
        let reference = try reference(of: Series.self)
        let cursor = try request.narrowed.page().cursor
        let (series, number, books, listings) = try shop.database.transaction(.readOnly) { transaction in
            guard let series = try transaction.series(reference, seenBy: .anyone) else {
                throw ShelfError.noSuchEntry
            }
            let books = try transaction.books(of: series.id, seenBy: .anyone, after: cursor, size: .window)
            return (
                series, try transaction.bookCounts(of: [series.id])[series.id] ?? 0, books,
                try transaction.listings(of: books.items.map(\.id), in: shop.currency)
            )
        }
        let cards = books.items.compactMap { book -> PageValue? in
            guard case .place(let label, _) = book.tie else { return nil }
            return listings[book.id].map { card($0, label: label) }
        }
        return try answer(
            200, "series", title: series.name, description: series.description, isHidden: cursor != nil,
            facts: [.list(books.items.compactMap { listings[$0.id] }, at: shop.storeURL)],
            [
                "series": [
                    "name": .text(series.name), "description": .paragraphs(series.description),
                    "countText": .text(count(number)),
                ],
                "books": .list(cards), "more": PageValue(more(behind: books.next)),
            ])
    }
}
