import Bookshop
import Foundation
import Postgres
import Records
import TestSupport
import Testing

@Suite struct LibraryTests {
    @Test func `a library is what was paid for, a page at a time`() throws {
        try withConnection { connection in
            let titles = ["Emma", "Persuasion", "Sanditon"]
            for title in titles {
                try connection.transaction { transaction in
                    let book = try transaction.published(title, by: try transaction.person("e", .editor))
                    let order = try transaction.ordered([book], by: try transaction.person("c"))
                    #expect(try transaction.record(.test(of: try transaction.opened(order))) == .applied)
                }
            }
            try connection.transaction { transaction in
                let customer = try transaction.person("c")
                var seen: [String] = []
                var cursor: Cursor?
                repeat {
                    let page = try transaction.library(
                        of: customer, after: cursor, size: try #require(PageSize(rawValue: 2)))
                    seen += page.items.map(\.title)
                    cursor = page.next
                } while cursor != nil
                #expect(seen == titles.reversed())
                #expect(try transaction.library(of: try transaction.person("x")).items.isEmpty)
                #expect(throws: ForeignCursor.self) {
                    try transaction.library(
                        of: customer, after: Cursor(list: "library", key: "x", id: UUID()))
                }
            }
        }
    }

    @Test func `who may hear a book, and why not`() throws {
        try withConnection { connection in
            try connection.transaction { transaction in
                let editor = try transaction.person("e", .editor)
                let owner = try transaction.person("c"), stranger = try transaction.person("x")
                let book = try transaction.published("Emma", by: editor)
                let draft = try transaction.draft("Persuasion", by: editor)
                let order = try transaction.ordered([book], by: owner)
                _ = try transaction.record(.test(of: try transaction.opened(order)))
                let right = try transaction.entitlement(of: owner, to: book)
                #expect(right.state == .active)
                #expect(throws: AccessError.notEntitled) {
                    try transaction.entitlement(of: stranger, to: book)
                }
                for id in [draft, Audiobook.ID()] {
                    #expect(throws: AccessError.noSuchBook) { try transaction.entitlement(of: owner, to: id) }
                }
                let page = try transaction.audiobook(.id(book), in: .eur, seenBy: .editor)
                try transaction.archive(book, ifVersion: page?.version ?? 0)
                #expect(try transaction.entitlement(of: owner, to: book) == right, "what was bought stays")
                #expect(throws: AccessError.noSuchBook) {
                    try transaction.entitlement(of: stranger, to: book)
                }

                try transaction.run(
                    "UPDATE listening.entitlements SET state = 'suspended', state_reason = 'dispute'")
                #expect(throws: AccessError.suspended) { try transaction.entitlement(of: owner, to: book) }
                #expect(try transaction.libraryItem(book, of: owner) == nil)
                #expect(try transaction.audiobooks(ownedBy: owner) == [book], "it is not sold twice")
                try transaction.run(
                    "UPDATE listening.entitlements SET state = 'revoked', revoked_at = now()")
                #expect(throws: AccessError.revoked) { try transaction.entitlement(of: owner, to: book) }
                #expect(try transaction.audiobooks(ownedBy: owner).isEmpty)
            }
        }
    }

    @Test func `what was heard is noted for disputes`() throws {
        try withConnection { connection in
            try connection.transaction { transaction in
                let owner = try transaction.person("c")
                let book = try transaction.published("Emma", by: try transaction.person("e", .editor))
                let order = try transaction.ordered([book], by: owner)
                _ = try transaction.record(.test(of: try transaction.opened(order)))
                let edition = try #require(try transaction.currentEdition(of: book))
                let track = try #require(try transaction.tracks(of: edition).first)
                let right = try transaction.entitlement(of: owner, to: book)
                try transaction.record(
                    AccessRecord(
                        entitlement: right.id, asset: track.asset.id, action: .stream, ip: "203.0.113.9",
                        userAgent: String(repeating: "x", count: 600)))
                let agent: String? = try transaction.value("SELECT user_agent FROM listening.access_log")
                #expect(agent?.count == 500)
            }
        }
    }
}
