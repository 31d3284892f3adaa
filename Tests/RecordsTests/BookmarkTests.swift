import Bookshop
import Foundation
import Postgres
import Records
import TestSupport
import Testing

@Suite struct BookmarkTests {
    private func content(_ milliseconds: Int, _ note: String = "") throws -> Bookmark.Content {
        try Bookmark.Content(milliseconds: milliseconds, note: note)
    }

    @Test func `bookmarks lie in order, under names that are their customer's own`() throws {
        try withConnection { records in
            let editor = try records { try $0.person("e", .editor) }
            let book = try records { try $0.published("Emma", by: editor) }
            let other = try records { try $0.published("Sanditon", by: editor) }
            let customer = try records { try $0.person("c") }, stranger = try records { try $0.person("x") }
            let ids = (0..<5).map { _ in Bookmark.ID() }
            for (place, id) in zip([50_000, 10_000, 170_000, 10_000, 30_000], ids) {
                let made = try records { try $0.save(content(place), as: id, of: customer, in: book) }
                guard case .made = made else {
                    Issue.record("\(made)")
                    return
                }
            }
            func listed(_ size: Int) throws -> [Bookmark] {
                var all: [Bookmark] = [], cursor: Cursor?
                repeat {
                    let page = try records {
                        try $0.bookmarks(
                            of: customer, in: book, after: cursor,
                            size: try #require(PageSize(rawValue: size)))
                    }
                    all += page.items
                    cursor = page.next
                } while cursor != nil
                return all
            }
            #expect(try listed(2).map(\.milliseconds) == [10_000, 10_000, 30_000, 50_000, 170_000])
            #expect(try Set(listed(1).map(\.id)) == Set(ids))
            #expect(try records { try $0.bookmarks(of: customer, in: other) }.items.isEmpty)
            // Another customer may use the same name, and sees nothing of this one's.
            #expect(throws: BookmarkError.noSuchBookmark) {
                try records { try $0.bookmark(ids[0], of: stranger, in: book) }
            }
            let theirs = try records { try $0.save(content(1), as: ids[0], of: stranger, in: book) }
            if case .found = theirs { Issue.record("a name is another customer's") }
            #expect(throws: BookmarkError.exists) {
                try records { try $0.save(content(50_000), as: ids[0], of: customer, in: other) }
            }
            // In a shorter edition the last lies at its end, and the pages still fit together.
            try records { try $0.record(book, by: editor, durationMilliseconds: 20_000) }
            #expect(try listed(1).map(\.milliseconds) == [10_000, 10_000, 20_000, 20_000, 20_000])
        }
    }

    private func found(_ saved: SavedBookmark) throws -> Bookmark {
        guard case .found(let bookmark) = saved else { throw Missing() }
        return bookmark
    }

    private struct Missing: Error {}

    @Test func `a bookmark is sent again, changed on its version, and deleted for good`() throws {
        try withConnection { records in
            let book = try records { try $0.published("Emma", by: try $0.person("e", .editor)) }
            let customer = try records { try $0.person("c") }, id = Bookmark.ID()
            func save(_ place: Int, _ note: String, _ version: Int? = nil) throws -> SavedBookmark {
                try records {
                    try $0.save(
                        content(place, note), as: id, of: customer, in: book, ifVersion: version)
                }
            }
            #expect(throws: BookmarkError.noSuchBookmark) { try save(5, "a", 1) }
            _ = try save(5, "a")
            let first = try found(save(5, "a"))
            #expect(first.version == 1 && first.note == "a")
            #expect(throws: BookmarkError.exists) { try save(5, "b") }
            #expect(throws: BookmarkError.changedMeanwhile) { try save(5, "b", 2) }
            let second = try found(save(6, "b", 1))
            #expect(second.version == 2 && second.note == "b" && second.milliseconds == 6)
            let third = try found(save(6, "b", 2))
            #expect(third.version == 2, "the same is no change")
            try records { try $0.delete(id, of: customer, in: book) }
            try records { try $0.delete(id, of: customer, in: book) }
            #expect(throws: BookmarkError.deleted) { try save(6, "b") }
            #expect(throws: BookmarkError.deleted) { try save(6, "b", 2) }
            #expect(throws: BookmarkError.noSuchBookmark) {
                try records { try $0.delete(Bookmark.ID(), of: customer, in: book) }
            }
            #expect(try records { try $0.bookmarks(of: customer, in: book) }.items.isEmpty)
        }
    }

    @Test func `the last place for a bookmark is taken once`() throws {
        try withDatabase { database in
            let (customer, book) = try database.connect().transaction { transaction in
                let book = try transaction.published("Emma", by: try transaction.person("e", .editor))
                let customer = try transaction.person("c")
                try transaction.run(
                    """
                    INSERT INTO listening.bookmarks (user_id, id, audiobook_id, edition_id, position_ms)
                    SELECT \(customer), gen_random_uuid(), id, current_edition_id, number
                    FROM catalogue.audiobooks, generate_series(1, \(Bookmark.most - 1)) AS number
                    WHERE id = \(book)
                    """)
                return (customer, book)
            }
            let outcomes = atOnce(8) { _, line in
                let connection = database.connect(as: "library")
                try connection.warmUp()
                line.wait()
                return try connection.transaction(attempts: 20) {
                    try $0.save(
                        Bookmark.Content(milliseconds: 7, note: ""), as: Bookmark.ID(), of: customer, in: book
                    )
                }
            }
            #expect(outcomes.filter { (try? $0.get()) != nil }.count == 1)
            for case .failure(let error) in outcomes { #expect(error as? BookmarkError == .tooMany) }
        }
    }
}
