import Core
import Foundation
import TestSupport
import Testing

@testable import admin

@Suite struct AdminEventTests {
    private func park(_ id: String, in database: TestDatabase, note: String? = "unreadable amount") throws {
        try database.prepared { transaction in
            let event = WebhookEvent(
                provider: .stripe, id: id, type: "charge.refunded", apiVersion: "2026-07-29.dahlia",
                isLive: false, objectID: "ch_1", createdAt: Date(timeIntervalSince1970: 1_800_000_000),
                raw: Array(#"{"email": "ada@example.com"}"#.utf8))
            _ = try transaction.receive(event)
            if let note { try transaction.settle(event, as: .parked(note)) }
        }
    }

    private func state(of id: String, in database: TestDatabase) throws -> String? {
        try database.prepared {
            try $0.value("SELECT state FROM plumbing.webhook_events WHERE event_id = \(id)")
        }
    }

    @Test func `finance sees what is parked and why, and nothing of what it says`() throws {
        try withDatabase { database in
            let office = try BackOffice(database)
            for number in 1...3 { try park("evt_\(number)", in: database) }
            try park("evt_4", in: database, note: nil)

            let parked = office.get("events", query: ["state": "parked", "limit": "2"], as: [.finance])
            #expect(parked["items"] == "2" && parked["items/0/id"] == "evt_3")
            #expect(
                parked["items/0/note"] == "unreadable amount" && parked["items/0/type"] == "charge.refunded")
            #expect(!parked.text.contains("ada@example.com"))
            #expect(parked.headers["cache-control"] == "no-store")
            let next = try #require(parked["next"])
            let rest = office.get("events", query: ["state": "parked", "cursor": next])
            #expect(rest["items/0/id"] == "evt_1" && rest["items"] == "1" && rest["next"] == nil)
            #expect(office.get("events")["items"] == "4")
            #expect(
                office.get("events", query: ["cursor": next]).outcome == "400 invalid-query", "another list")
            #expect(office.get("events", query: ["state": "lost"])["errors/0/parameter"] == "state")
            #expect(office.get("events", query: ["filter": "x"]).outcome == "400 invalid-query")
        }
    }

    @Test func `a parked event is replayed once, and who did it is noted`() throws {
        try withDatabase { database in
            let office = try BackOffice(database)
            try park("evt_1", in: database)
            let names = ["provider": "stripe", "id": "evt_1"]
            let first = office.post("events/{provider}/{id}/replay", as: [.finance], names)
            #expect(first.statusCode == 202 && first["state"] == "received" && first["nextTryAt"] != nil)
            let again = office.post("events/{provider}/{id}/replay", as: [.finance], names)
            #expect(again.statusCode == 202)
            #expect(try database.count("plumbing.audit_log") == 1)

            let log = office.get("audit", query: ["action": "webhook_event.replayed"])
            #expect(log["items/0/subject"] == "stripe/evt_1" && log["items/0/actor"] == "\(office.staff)")
            #expect(log["items/0/before/note"] == "unreadable amount")
            #expect(log["items/0/after/state"] == "received")
            #expect(log["items/0/requestId"] == Invocation().id)
        }
    }

    @Test func `what is settled is not done again, and what nobody told is not found`() throws {
        try withDatabase { database in
            let office = try BackOffice(database)
            try park("evt_1", in: database, note: nil)
            try database.prepared {
                _ = try $0.run("UPDATE plumbing.webhook_events SET state = 'ignored', processed_at = now()")
            }
            let settled = office.post(
                "events/{provider}/{id}/replay", ["provider": "stripe", "id": "evt_1"])
            #expect(settled.statusCode == 200 && settled["state"] == "ignored")
            #expect(try state(of: "evt_1", in: database) == "ignored")
            for names in [
                ["provider": "stripe", "id": "evt_2"], ["provider": "identity", "id": "evt_1"],
                ["provider": "paypal", "id": "evt_1"],
            ] {
                let answer = office.post("events/{provider}/{id}/replay", names)
                #expect(answer.outcome == "404 not-found", "\(names)")
            }
            #expect(try database.count("plumbing.audit_log") == 0)
        }
    }

    @Test func `twenty who replay one event at once do it once`() throws {
        try withDatabase { database in
            let office = try BackOffice(database)
            try park("evt_1", in: database)
            let staff = office.staff
            let notes = atOnce(20) { _, line in
                let connection = database.connect(as: "admin")
                try connection.warmUp()
                line.wait()
                return try connection.transaction(.readCommitted) { transaction in
                    let note = try transaction.unpark("evt_1", of: .stripe)
                    if note != nil {
                        try transaction.audit("webhook_event.replayed", of: "stripe/evt_1", by: staff)
                    }
                    return note
                }
            }
            #expect(try notes.successes().compactMap { $0 }.count == 1)
            #expect(try database.count("plumbing.audit_log") == 1)
        }
    }

    @Test func `only those whose matter it is are let in`() throws {
        try withDatabase { database in
            let office = try BackOffice(database)
            try park("evt_1", in: database)
            #expect(office.admitted { office.get("events", as: $0) } == ["admin", "finance"])
            #expect(office.admitted { office.get("audit", as: $0) } == ["admin"])
            let names = ["provider": "stripe", "id": "evt_1"]
            let replay = { office.post("events/{provider}/{id}/replay", as: $0, names) }
            #expect(office.admitted(replay) == ["admin", "finance"])
            #expect(office.get("events", as: nil).outcome == "401 unauthenticated")
            #expect(office.get("events", as: [.support]).outcome == "403 forbidden")
        }
    }

    @Test func `the log is told by who, by what, to what and when`() throws {
        try withDatabase { database in
            let office = try BackOffice(database)
            let other = try database.prepared { transaction in
                let other = try transaction.person("other")
                for number in 1...3 {
                    try transaction.audit("order.cancelled", of: "order-\(number)", by: other)
                }
                try transaction.audit(
                    "user.promoted", of: "order-1", by: office.staff, before: ["roles": [String]()],
                    after: ["roles": ["support"]], requestID: "r-1")
                try transaction.run("SET LOCAL session_replication_role = replica")
                try transaction.run(
                    "UPDATE plumbing.audit_log SET at = '2026-01-01T00:00:00Z' WHERE subject = 'order-2'")
                return other
            }
            func found(_ query: Query) -> String? { office.get("audit", query: query)["items"] }
            #expect(found([:]) == "4")
            #expect(found(["actor": "\(other)"]) == "3" && found(["subject": "order-1"]) == "2")
            #expect(found(["action": "user.promoted", "subject": "order-1"]) == "1")
            #expect(found(["from": "2026-01-01T00:00:00Z", "to": "2026-01-01T00:00:00.5+00:00"]) == "1")
            #expect(found(["to": "2026-01-01T00:00:00Z"]) == "0")
            #expect(office.get("audit")["items/0/after/roles/0"] == "support")

            let first = office.get("audit", query: ["limit": "3"])
            let rest = office.get("audit", query: ["limit": "3", "cursor": try #require(first["next"])])
            #expect(first["items"] == "3" && rest["items"] == "1" && rest["next"] == nil)
            for (name, value) in [
                ("actor", "me"), ("from", "yesterday"), ("to", "2026-01-01 00:00:00+00"), ("subject", ""),
                ("action", "a\u{0}b"), ("cursor", "x"),
            ] {
                let answer = office.get("audit", query: Query(dictionaryLiteral: (name, value)))
                #expect(
                    answer.outcome == "400 invalid-query" && answer["errors/0/parameter"] == name, "\(name)")
            }
        }
    }
}
