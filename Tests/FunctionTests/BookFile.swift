import Core
import Foundation
import TestSupport
import Testing

@testable import exports

/// A book that is sold and owned, in which something is said, and which may be had as anything; and who makes
/// files of it.
struct BookFile {
    let database: TestDatabase
    var shop: Shop
    let editor: Editor.ID
    let customer: Customer.ID
    let book: Audiobook.ID
    let queue = Told<String>()
    let parts = FakeParts()
    let bound = Told<BookLabels>()

    init(
        _ database: TestDatabase, saying: [SpokenSegment]? = [.said("Emma Woodhouse,", at: 0)]
    ) throws {
        let (editor, customer, book) = try database.prepared { transaction in
            let editor = try transaction.person("e", .editor), customer = try transaction.person("c")
            let book =
                try saying.map { try transaction.published("Emma", saying: $0, by: editor) }
                ?? transaction.published("Emma", by: editor)
            try transaction.buy([book], for: customer)
            return (editor, customer, book)
        }
        (self.database, self.editor, self.customer, self.book) = (database, editor, customer, book)
        shop = database.shop(of: "exports", for: .customer(customer))
        shop.links = .plain
        shop.exports = .telling(queue)
        shop.multipart = parts.port
        shop.bindery.bind = { [bound] sources, chapters, labels, cover, take in
            bound.append(labels)
            #expect(sources.count == 1 && sources[0].durationMilliseconds == 180_000 && cover == nil)
            #expect(["Emma", "Volume I"].contains(chapters.map(\.title).joined()))
            try take(MadeFile(bytes: 5) { try $0([1, 2, 3, 4, 5]) })
        }
        shop.bindery.split = { _, chapters, take in
            try take(
                chapters.map { ChapterSound(span: $0.span, file: MadeFile(bytes: 1) { try $0([7]) }) }, .m4a)
        }
        try allow(.m4b, .epub)
    }

    func ask(_ format: String, as principal: Principal? = nil, of book: Audiobook.ID? = nil) -> Response {
        var request = Request.typed(
            "PUT /api/v1/library/{id}/exports/{format}", id: "\(book ?? self.book)")
        request.parameters["format"] = format
        var shop = shop
        if let principal { shop.identity = Identification { _ in principal } }
        return Lambda.answer(request) { try exports($0, in: shop) }
    }

    func listed(_ query: Query = [:]) -> Response {
        var request = Request.typed("GET /api/v1/library/{id}/exports", id: "\(book)")
        request.query = query
        return Lambda.answer(request) { try exports($0, in: shop) }
    }

    func work() throws {
        for message in queue.all { try make(QueueMessage(body: message), in: shop) }
    }

    func allow(_ formats: Export.Format...) throws {
        try database.prepared { transaction in
            let page = try transaction.audiobook(.id(book), in: .eur, seenBy: .editor)
            try transaction.allow(formats, of: book, by: editor, ifVersion: page?.version ?? 0)
        }
    }

    func change(_ sql: SQL) throws { try database.prepared { _ = try $0.run(sql) } }
}
