import Core
import Foundation
import TestSupport
import Testing

@testable import library

/// The story so far: never past the place of who asks.
@Suite struct RecapTests {
    private struct World {
        let shop: Shop
        let book: Audiobook.ID
        let customer: Customer.ID
        let editor: Editor.ID
        let transcript: Transcript.ID
        let database: TestDatabase

        func recap(query: Query = [:]) -> Response {
            var request = Request.typed("GET /api/v1/library/{id}/recap", id: "\(book)")
            request.query = query
            return Lambda.answer(request) { try library($0, in: shop) }
        }

        /// The chapters that are told, with what is told of them.
        func told() -> [String] {
            let answer = recap()
            return (0..<(answer["chapters"].flatMap { Int($0) } ?? -1)).map { index in
                let place = "chapters/\(index)"
                return "\(answer["\(place)/chapter"] ?? "?") \(answer["\(place)/summary"] ?? "-")"
            }
        }

        func go(to milliseconds: Int) throws {
            let device = try #require(Device(id: "phone", name: nil))
            _ = try database.prepared { transaction in
                try transaction.move(
                    customer, in: book, by: Move(.seek, to: milliseconds, base: nil, by: device), at: Date())
            }
        }
    }

    /// A book of three chapters of a minute each, all written and the first two approved, and the whole too.
    private func owned(_ database: TestDatabase) throws -> World {
        let (editor, customer, book, transcript) = try database.prepared { transaction in
            let editor = try transaction.person("e", .editor), customer = try transaction.person("c")
            let book = try transaction.published("Emma", by: editor)
            let chapters = (0..<3).map { index in
                Chapter(
                    title: "Chapter \(index + 1)",
                    span: Span(startMilliseconds: index * 60_000, endMilliseconds: (index + 1) * 60_000))
            }
            let version = try #require(try transaction.audiobook(.id(book), in: .eur, seenBy: .editor))
                .version
            try transaction.correct(book, to: chapters, by: editor, ifVersion: version)
            let transcript = try #require(try transaction.transcript(of: book)).id
            try transaction.hear((0..<3).map { .said("Said in \($0 + 1)", at: $0 * 60_000) }, in: transcript)
            for scope in [Summary.Scope.chapter(1), .chapter(2), .chapter(3), .book] {
                let id = try transaction.wantSummary(of: transcript, scope)
                let claimed = try #require(try transaction.claimSummary(id, leaseSeconds: 60))
                _ = try transaction.store(
                    Writing(model: "gpt", text: "Of \(scope.chapter)."), promptVersion: "3", cost: .nothing,
                    for: claimed)
                if scope != .chapter(3) { try transaction.approve(id, by: editor) }
            }
            try transaction.buy([book], for: customer)
            return (editor, customer, book, transcript)
        }
        return World(
            shop: database.shop(of: "library", for: .customer(customer)), book: book, customer: customer,
            editor: editor, transcript: transcript, database: database)
    }

    @Test func `only chapters that were heard to their end are told`() throws {
        try withDatabase { database in
            let world = try owned(database)
            #expect(world.told().isEmpty, "at the beginning there is no story yet")
            for (place, told) in [
                (59_999, []), (60_000, ["1 Of 1."]), (119_999, ["1 Of 1."]),
                (120_000, ["1 Of 1.", "2 Of 2."]),
                (179_999, ["1 Of 1.", "2 Of 2."]), (180_000, ["1 Of 1.", "2 Of 2.", "3 -"]), (0, []),
            ] as [(Int, [String])] {
                try world.go(to: place)
                #expect(world.told() == told, "at \(place)")
            }
        }
    }

    @Test func `what no person approved is not told, nor what was taken back`() throws {
        try withDatabase { database in
            let world = try owned(database)
            try world.go(to: 180_000)
            let (draft, first) = try database.prepared { transaction in
                let draft = try transaction.wantSummary(of: world.transcript, .chapter(3))
                let first = try #require(try transaction.approvedSummary(of: world.book, .chapter(1))).id
                return (draft, try transaction.regenerate(first, by: world.editor))
            }
            #expect(world.told() == ["1 Of 1.", "2 Of 2.", "3 -"], "the old one is told until then")
            try database.prepared { transaction in
                try transaction.approve(draft, by: world.editor)
                let claimed = try #require(try transaction.claimSummary(first, leaseSeconds: 60))
                _ = try transaction.store(
                    Writing(model: "gpt", text: "Anew."), promptVersion: "3", cost: .nothing, for: claimed)
                try transaction.approve(first, by: world.editor)
            }
            #expect(world.told() == ["1 Anew.", "2 Of 2.", "3 Of 3."])
        }
    }

    @Test func `corrected chapters are told by their new places`() throws {
        try withDatabase { database in
            let world = try owned(database)
            try world.go(to: 120_000)
            try database.prepared { transaction in
                let version = try #require(
                    try transaction.audiobook(.id(world.book), in: .eur, seenBy: .editor)
                ).version
                let ends = [30_000, 60_000, 121_000, 180_000]
                let chapters = zip([0] + ends, ends).map {
                    Chapter(title: "To \($1)", span: Span(startMilliseconds: $0, endMilliseconds: $1))
                }
                try transaction.correct(world.book, to: chapters, by: world.editor, ifVersion: version)
            }
            // The second goes on a second longer now: what was told of it is told no more.
            #expect(world.told() == ["1 -", "2 -"])
        }
    }

    @Test func `the answer says up to where, and is nobody else's`() throws {
        try withDatabase { database in
            let world = try owned(database)
            try world.go(to: 61_000)
            let answer = world.recap()
            #expect(answer["audiobookId"] == "\(world.book)" && answer["positionMilliseconds"] == "61000")
            #expect(answer["chapters/0/title"] == "Chapter 1")
            #expect(answer["chapters/0/startMilliseconds"] == "0")
            #expect(answer["chapters/0/endMilliseconds"] == "60000")
            #expect(answer.headers["cache-control"] == "private, no-store")
            #expect(world.recap(query: ["to": "180000"]).outcome == "400 invalid-query")
            let stranger = try database.prepared { try $0.person("d") }
            let foreign = World(
                shop: database.shop(of: "library", for: .customer(stranger)), book: world.book,
                customer: stranger, editor: world.editor, transcript: world.transcript, database: database)
            #expect(foreign.recap().outcome == "403 not-entitled")
        }
    }
}
