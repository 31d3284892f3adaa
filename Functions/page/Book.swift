import Core
import FoundationEssentials
import Pages

extension Visit {
    func book() throws -> Response {
        let reference = try reference(of: Audiobook.self)
        let (book, chapters, summary, shelves) = try shop.database.transaction(.readOnly) { transaction in
            guard let book = try transaction.audiobook(reference, in: shop.currency, seenBy: .anyone) else {
                throw CatalogueError.noSuchBook
            }
            return (
                book, try book.edition.map { try transaction.chapters(of: $0) } ?? [],
                try transaction.approvedSummary(of: book.id)?.text,
                try transaction.shelves(beside: book, for: self)
            )
        }
        let cover = "\(shop.storeURL)/api/v1/audiobooks/\(book.slug.rawValue)/cover?size=800"
        let image = book.hasCover ? cover : nil
        return try answer(
            200, "book", title: book.title, description: summary ?? book.description, kind: "book",
            image: image,
            isHidden: book.state != .published, facts: [.book(book, at: shop.storeURL, image: image)],
            ["book": shown(book, chapters, summary), "shelves": .list(shelves)])
    }

    private func shown(_ book: Audiobook, _ chapters: [Chapter], _ summary: String?) -> PageValue {
        func people(_ roles: Set<Credit.Role>) -> PageValue {
            .list(book.people.filter { roles.contains($0.role) }.map { named($0.slug, $0.name) })
        }
        let languageMessage = say.name(of: book.language)
        var members: [String: PageValue] = [
            "id": .text(book.id.description), "slug": .text(book.slug.rawValue), "title": .text(book.title),
            "subtitle": PageValue(book.subtitle), "language": .text(book.language.rawValue),
            "languageText": .text(languageMessage),
            "durationText": PageValue(book.durationMilliseconds.map(say.duration)),
            "publishedText": PageValue(book.publishedAt.map(day)), "isbn": PageValue(book.isbn13?.rawValue),
            "hasCover": .flag(book.hasCover), "isOnSale": .flag(book.price != nil),
            "priceText": PageValue(book.price.map(price)),
            "authors": people([.author]), "narrators": people([.narrator]),
            "translators": people([.translator]),
            "others": people([.editor, .publisher]),
            "categories": .list(book.categories.map { named($0.slug, $0.name) }),
            "description": .paragraphs(book.description), "summary": .paragraphs(summary),
            "chaptersText": chapters.isEmpty
                ? "" : .text(say("shop.book.chapterCount", ["count": "\(chapters.count)"])),
        ]
        members["series"] = .list(
            book.series.map { place in
                [
                    "slug": .text(place.slug.rawValue), "name": .text(place.name),
                    "labelText": PageValue(place.label.map { say("shop.series.part", ["label": $0]) }),
                ]
            })
        members["chapters"] = .list(
            chapters.enumerated().map { index, chapter in
                [
                    "numberText": .text(say.number(index + 1)), "title": .text(chapter.title),
                    "durationText": .text(
                        say.duration(chapter.span.endMilliseconds - chapter.span.startMilliseconds)),
                ]
            })
        members["sample"] =
            book.sample.map { sample in
                [
                    "address": "/api/v1/audiobooks/\(book.slug.rawValue)/sample",
                    "durationText": .text(say.duration(sample.durationMilliseconds)),
                ]
            } ?? false
        return .members(members)
    }

    private func day(_ moment: Date) -> String {
        var calendar = Calendar(identifier: .gregorian)
        calendar.timeZone = .gmt
        let parts = calendar.dateComponents([.year, .month, .day], from: moment)
        return say.day(year: parts.year ?? 0, month: parts.month ?? 1, day: parts.day ?? 1)
    }
}

extension Transaction {
    /// Other books of the first author, and of the first series.
    fileprivate func shelves(beside book: Audiobook, for visit: Visit) throws -> [PageValue] {
        func shelf(_ heading: String, _ narrow: (inout CatalogueQuery) -> Void) throws -> PageValue? {
            var query = CatalogueQuery(currency: visit.shop.currency)
            narrow(&query)
            let others = try catalogue(query, size: .few).items.filter { $0.id != book.id }.prefix(6)
            return others.isEmpty ? nil : ["heading": .text(heading), "books": visit.cards(Array(others))]
        }
        let author = book.people.first { $0.role == .author }, series = book.series.first
        return [
            try author.flatMap { author in
                try shelf(visit.say("shop.book.moreBy", ["name": author.name])) {
                    $0.authors = [.id(author.id)]
                }
            },
            try series.flatMap { series in
                try shelf(visit.say("shop.book.moreIn", ["name": series.name])) {
                    $0.series = [.id(series.id)]
                }
            },
        ].compactMap { $0 }
    }
}
