import Core
import Foundation
import TestSupport
import Testing

@testable import admin

/// What the shop tells of itself, as the back office sees it.
@Suite struct AdminOutboxTests {
    private let replay = "outbox/{id}/replay"

    /// Events a, b, c …: those that are named are told, those that have a note are put aside.
    private func write(
        _ keys: String, told: String = "", aside: [Character: String] = [:], in database: TestDatabase
    ) throws -> [Character: OutboxEvent.ID] {
        try database.prepared { transaction in
            for key in keys {
                try transaction.emit(.uploadReady, about: "\(key)", once: "\(key)", ["upload": "\(key)"])
            }
            let ids = Dictionary(
                uniqueKeysWithValues: try transaction.claimEvents(limit: 99).map {
                    (Character($0.key), $0.id)
                })
            try transaction.markPublished(told.compactMap { ids[$0] })
            for (key, note) in aside { try transaction.park(try #require(ids[key]), because: note) }
            return ids
        }
    }

    private func keys(_ answer: Response) -> [String?] {
        (0..<(answer["items"].flatMap(Int.init) ?? -1)).map { answer["items/\($0)/key"] }
    }

    @Test func `an admin sees how far each event came, the newest first, a page at a time`() throws {
        try withDatabase { database in
            let office = try BackOffice(database)
            let ids = try write(
                "abcde", told: "ae", aside: ["b": "too-large", "d": "MalformedDetail"], in: database)
            let all = office.get("outbox")
            #expect(keys(all) == ["e", "d", "c", "b", "a"] && all.headers["cache-control"] == "no-store")
            #expect(all["items/0/state"] == "published" && all["items/0/publishedAt"] != nil)
            #expect(all["items/1/state"] == "parked" && all["items/1/note"] == "MalformedDetail")
            #expect(all["items/1/parkedAt"] != nil && all["items/1/nextTryAt"] == nil)
            #expect(all["items/2/state"] == "waiting" && all["items/2/nextTryAt"] != nil)
            #expect(all["items/2/attempts"] == "1" && all["items/2/id"] == ids["c"].map { "\($0)" })
            #expect(all["items/2/topic"] == "UploadReady" && all["items/2/payload/upload"] == "c")
            let lists: [(String, [String?])] = [
                ("waiting", ["c"]), ("parked", ["d", "b"]), ("published", ["e", "a"]),
            ]
            for (state, expected) in lists {
                #expect(keys(office.get("outbox", query: ["state": state])) == expected)
            }
            let first = office.get("outbox", query: ["limit": "3"])
            let next = try #require(first["next"])
            let rest = office.get("outbox", query: ["limit": "3", "cursor": next])
            #expect(keys(first) == ["e", "d", "c"] && keys(rest) == ["b", "a"] && rest["next"] == nil)
            let other = office.get("outbox", query: ["state": "parked", "cursor": next])
            #expect(other.outcome == "400 invalid-query", "another list")
            #expect(office.get("outbox", query: ["state": "lost"])["errors/0/parameter"] == "state")
            #expect(office.get("outbox", query: ["topic": "x"]).outcome == "400 invalid-query")
        }
    }

    @Test func `one that was put aside is told again, once, which is noted, and its alert is over`() throws {
        try withDatabase { database in
            let office = try BackOffice(database)
            let ids = try write("a", aside: ["a": "too-large"], in: database)
            let names = ["id": "\(try #require(ids["a"]))"]
            #expect(office.get("alerts")["items/0/isOpen"] == "true")
            for _ in 1...2 {
                let answer = office.post(replay, names)
                #expect(answer.statusCode == 202 && answer["state"] == "waiting" && answer["note"] == nil)
                #expect(answer["attempts"] == "0" && answer["nextTryAt"] == nil)
            }
            #expect(office.get("alerts")["items/0/isOpen"] == "false")
            let log = office.get("audit", query: ["action": "outbox_event.replayed"])
            #expect(log["items"] == "1" && log["items/0/subject"] == ids["a"].map { "outbox/\($0)" })
            #expect(log["items/0/before/note"] == "too-large" && log["items/0/actor"] == "\(office.staff)")
            #expect(log["items/0/after/state"] == "waiting")
            #expect(try database.prepared { try $0.claimEvents(limit: 9).map(\.key) } == ["a"])
        }
    }

    @Test func `what was told stays told, and what was never written is not found`() throws {
        try withDatabase { database in
            let office = try BackOffice(database)
            let ids = try write("a", told: "a", in: database)
            let told = office.post(replay, ["id": "\(try #require(ids["a"]))"])
            #expect(told.statusCode == 200 && told["state"] == "published")
            for id in ["0", "-1", "999", "x", "9223372036854775808", ""] {
                #expect(office.post(replay, ["id": id]).outcome == "404 not-found", "\(id)")
            }
            #expect(try database.count("plumbing.audit_log") == 0)
        }
    }

    @Test func `of twenty who tell one again at once one is noted`() throws {
        try withDatabase { database in
            let office = try BackOffice(database)
            let ids = try write("a", aside: ["a": "too-large"], in: database)
            let id = try #require(ids["a"])
            let answers = atOnce(20) { _, line in
                line.wait()
                return office.post(replay, ["id": "\(id)"]).statusCode
            }
            #expect(try answers.successes() == Array(repeating: 202, count: 20))
            #expect(try database.count("plumbing.audit_log") == 1)
        }
    }

    @Test func `it is the admins' matter alone`() throws {
        try withDatabase { database in
            let office = try BackOffice(database)
            let ids = try write("a", aside: ["a": "too-large"], in: database)
            let names = ["id": "\(try #require(ids["a"]))"]
            #expect(office.admitted { office.get("outbox", as: $0) } == ["admin"])
            #expect(office.admitted { office.post(replay, as: $0, names) } == ["admin"])
            #expect(office.get("outbox", as: nil).outcome == "401 unauthenticated")
            #expect(office.post(replay, as: [.finance], names).outcome == "403 forbidden")
        }
    }
}
