import Core
import Foundation
import HTTP
import TestSupport
import Testing

@testable import index_passages

/// The two ways to find passages are one port: what holds for the records alone, holds with an index before them.
@Suite struct ProposedPassagesTests {
    private struct World {
        let customer: Customer.ID
        let stranger: Customer.ID
        let standIn: OpenSearchStandIn
        let records: PassageIndex
        let proposed: PassageIndex
    }

    private static let texts: [(title: String, language: String, said: [String])] = [
        ("Persuasion", "en", ["To be, or", "not", "to be: that is", "the question, or to be", "two houses"]),
        ("Emma", "en", ["handsome, clever, and rich", "with a café", "and a house", "l'amour, they say"]),
        (
            "Die Stadt", "de-AT",
            ["Die schönen Häuser", "der Stadt", "und rich ist niemand", "als die Häupter"]
        ),
        (
            "A Tale", "en",
            ["it was the best of", "times it was the worst of", "times it was the age of foolishness"]
        ),
        ("Many", "en", (1...60).map { $0 % 3 == 0 ? "rich houses \($0)" : "richness housed \($0)" }),
    ]

    private func filled(_ database: TestDatabase) throws -> World {
        let (customer, stranger) = try database.prepared { transaction in
            let editor = try transaction.person("e", .editor), customer = try transaction.person("c")
            let stranger = try transaction.person("d")
            var books: [Audiobook.ID] = []
            for (title, language, said) in Self.texts + [("Other", "en", ["rich and not owned"])] {
                let book = try transaction.published(title, by: editor)
                let transcript = try #require(try transaction.transcript(of: book)).id
                try transaction.run(
                    "UPDATE production.transcripts SET language = \(language) WHERE id = \(transcript)")
                try transaction.hear(
                    said.enumerated().map { .said($1, at: $0 * 2000) }, in: transcript)
                books.append(book)
            }
            try transaction.buy(books.dropLast(), for: customer)
            try transaction.buy(books.suffix(1), for: stranger)
            return (customer, stranger)
        }
        let standIn = OpenSearchStandIn()
        var shop = database.shop(of: "index-passages")
        shop.index = standIn.proposals
        try shop.fillIndex()
        let search = database.shop(of: "search")
        return World(
            customer: customer, stranger: stranger, standIn: standIn, records: .records(search.database),
            proposed: .proposed(by: standIn.proposals, in: search))
    }

    private func told(_ finding: PassageFinding) -> [String] {
        (finding.meant.map { ["meant \($0)"] } ?? [])
            + finding.page.items.map { passage in
                let snippet = passage.snippet.map { $0.isMatch ? "[\($0.text)]" : $0.text }.joined()
                return "\(passage.title) \(passage.position) \(passage.milliseconds) \(snippet)"
            }
    }

    @Test func `with an index the same is found, in the same order and at the same moment`() throws {
        try withDatabase { database in
            let world = try filled(database)
            for (typed, isFound) in [
                ("rich", true), ("RICH clever", true), ("house", true), ("CAFE", true), ("häuser", true),
                ("\"schon haus der\"", true), ("\"to be or not to be\"", true), ("\"or to be\"", true),
                ("\"be to\"", false), ("be not", true), ("amour", true), ("nowhere", false),
                ("question house", true), ("not house", false),
                ("\"the best of times it was the worst of times it was the age of foolishness\"", true),
                ("\"the best of times it was the worst of times it was the age of wisdom\"", false),
                ("clevr", true), ("\"handsme clevr\"", true), ("zzzzzz", false),
            ] {
                let query = try #require(PassageQuery(typed))
                let size = try #require(PageSize(rawValue: 100))
                let search = PassageSearch(query, of: world.customer, size: size)
                let expected = told(try world.records.find(search))
                let before = world.standIn.calls.count
                #expect(told(try world.proposed.find(search)) == expected, "\(typed)")
                #expect(expected.isEmpty != isFound, "\(typed): \(expected)")
                #expect(world.standIn.calls.count > before, "the index was asked")
            }
        }
    }

    @Test func `a page of one goes on where a page of the other ended`() throws {
        try withDatabase { database in
            let world = try filled(database)
            for typed in ["rich", "rihc", "house", "\"rich houses\""] {
                let query = try #require(PassageQuery(typed))
                func walked(_ finders: [PassageIndex]) throws -> [String] {
                    var (seen, cursor, turn): ([String], Cursor?, Int) = ([], nil, 0)
                    repeat {
                        let size = try #require(PageSize(rawValue: 3))
                        let search = PassageSearch(query, of: world.customer, after: cursor, size: size)
                        let finding = try finders[turn % finders.count].find(search)
                        seen += finding.page.items.map { "\($0.title) \($0.position)" }
                        (cursor, turn) = (finding.page.next, turn + 1)
                    } while cursor != nil && turn < 60
                    return seen
                }
                let expected = try walked([world.records])
                #expect(expected.count > 3 && Set(expected).count == expected.count)
                #expect(try walked([world.proposed]) == expected, "\(typed)")
                #expect(try walked([world.proposed, world.records]) == expected, "\(typed)")
            }
            let foreign = Cursor(list: "library.newest.all", key: "1", id: UUID())
            let search = PassageSearch(try #require(PassageQuery("rich")), of: world.customer, after: foreign)
            #expect(throws: ForeignCursor()) { try world.proposed.find(search) }
        }
    }

    @Test func `whose a book is, the records decide, whatever the index proposes`() throws {
        try withDatabase { database in
            let world = try filled(database)
            let query = try #require(PassageQuery("rich"))
            let all = try world.proposed.find(PassageSearch(query, of: world.customer))
            #expect(Set(all.page.items.map(\.title)).isDisjoint(with: ["Other"]))
            let others = try world.proposed.find(PassageSearch(query, of: world.stranger))
            #expect(others.page.items.map(\.title) == ["Other"])
            // An index that does not heed whose texts it was asked for.
            var index = world.standIn.proposals
            let honest = index.propose
            let everything = try database.prepared { transaction -> SearchedTexts in
                let ids: [IdentifiedText] = try transaction.all("SELECT id FROM production.transcripts")
                return SearchedTexts(
                    transcripts: ids.map(\.id), languages: Set([LanguageTag(rawValue: "en")!]))
            }
            index.propose = { asked in
                try honest(
                    PassageInquiry(asked.meaning, in: everything, after: asked.last, limit: asked.limit))
            }
            let careless = PassageIndex.proposed(by: index, in: database.shop(of: "search"))
            let despite = try careless.find(PassageSearch(query, of: world.stranger))
            #expect(despite.page.items.map(\.title) == ["Other"])
            try database.prepared {
                try $0.run(
                    "UPDATE listening.entitlements SET state = 'suspended', state_reason = 'test'")
            }
            #expect(try careless.find(PassageSearch(query, of: world.customer)).page.items.isEmpty)
        }
    }

    @Test func `what was just corrected is found at once, by the records until the index has it`() throws {
        try withDatabase { database in
            let world = try filled(database)
            func found(_ typed: String) throws -> [String] {
                let query = try #require(PassageQuery(typed))
                return told(try world.proposed.find(PassageSearch(query, of: world.customer)))
            }
            try database.prepared { transaction in
                let editor = try transaction.person("e")
                let said: Transcript.ID? = try transaction.value(
                    "SELECT transcript_id FROM production.transcript_segments WHERE text = 'and a house'")
                let id = try #require(said)
                _ = try transaction.correct(
                    3, of: id, to: try #require(SegmentText("and a mansion")), by: editor, ifVersion: 1)
            }
            let before = world.standIn.calls
            #expect(try found("mansion").map { $0.hasSuffix(" and a [mansion]") } == [true])
            #expect(try found("\"café and a mansion\"").count == 1)
            #expect(world.standIn.calls == before)

            var shop = database.shop(of: "index-passages")
            shop.index = world.standIn.proposals
            try shop.fillIndex()
            let filled = world.standIn.calls.count
            #expect(try found("mansion").map { $0.hasSuffix(" and a [mansion]") } == [true])
            #expect(try found("\"café and a mansion\"").count == 1)
            #expect(world.standIn.calls.count == filled + 2)
        }
    }

    @Test func `an index that is away or talks nonsense is done without, and then left alone`() throws {
        try withDatabase { database in
            let world = try filled(database)
            let search = PassageSearch(try #require(PassageQuery("clever")), of: world.customer)
            let expected = told(try world.records.find(search))
            func nonsense(_ body: String, _ status: Int = 200) -> HTTP.Response {
                Response(status: status, body: Array(body.utf8))
            }
            let half = #"{"timed_out":true,"_shards":{"failed":0},"hits":{"hits":[]}}"#
            let faults: [() throws -> HTTP.Response] = [
                { world.standIn.refusal("index_not_found_exception", 404) }, { nonsense("", 401) },
                { throw Failure(.timeout, "too late") }, { nonsense(half) }, { nonsense("<html>") },
                { nonsense("", 503) }, { throw Failure(.connect, "nobody there") },
            ]
            for fault in faults {
                world.standIn.fault = { _, _ in try fault() }
                let before = world.standIn.calls.count
                #expect(told(try world.proposed.find(search)) == expected)
                #expect(world.standIn.calls.count == before + 1)
            }
            // Five failures in a row: nobody asks it for a while, and an admin is told.
            let before = world.standIn.calls.count
            #expect(told(try world.proposed.find(search)) == expected)
            #expect(world.standIn.calls.count == before)
            #expect(
                try database.count(
                    "plumbing.alerts WHERE kind = 'service-unavailable' AND resolved_at IS NULL") == 1)
            world.standIn.fault = { _, _ in nil }
            try database.prepared {
                try $0.run("UPDATE plumbing.outside_services SET rests_until = now() WHERE name = 'index'")
            }
            #expect(told(try world.proposed.find(search)) == expected)
            #expect(world.standIn.calls.count == before + 1)
            #expect(
                try database.count("plumbing.outside_services WHERE name = 'index' AND is_open") == 0)
        }
    }
}

private struct IdentifiedText: RowDecodable {
    let id: Transcript.ID
    init(_ row: borrowing Row) throws(PostgresError) { id = try row["id"] }
}
