import Core
import Foundation
import TestSupport
import Testing

@testable import admin

/// What a person must look at.
@Suite struct AdminAlertTests {
    private func raise(
        _ subject: String, for audience: String = "finance", minutesAgo: Int = 0, _ database: TestDatabase
    ) throws -> Alert.ID {
        let id: Alert.ID? = try database.prepared { transaction in
            let told = JSONText(#"{"order": "o-1"}"#)
            try transaction.run(
                "SELECT plumbing.raise_alert('parked-event', \(subject), \(told)::jsonb, \(audience))")
            return try transaction.value(
                """
                UPDATE plumbing.alerts SET created_at = now() - make_interval(mins => \(minutesAgo))
                WHERE subject = \(subject) RETURNING id
                """)
        }
        return try #require(id)
    }

    private func resolve(_ subject: String, _ database: TestDatabase) throws {
        try database.prepared { _ = try $0.run("SELECT plumbing.resolve_alert('parked-event', \(subject))") }
    }

    private func subjects(_ answer: Response) -> [String?] {
        (0..<(answer["items"].flatMap(Int.init) ?? -1)).map { answer["items/\($0)/subject"] }
    }

    @Test func `the open ones come first, of each the newest, a page at a time`() throws {
        try withDatabase { database in
            let office = try BackOffice(database)
            let ids = try (1...5).map { try raise("e\($0)", minutesAgo: $0, database) }
            try resolve("e1", database)
            let seen = office.post("alerts/{id}/acknowledge", as: [.finance], ["id": "\(ids[2])"])
            #expect(seen.statusCode == 200 && seen["isOpen"] == "false")
            let all = office.get("alerts", as: [.finance])
            #expect(subjects(all) == ["e2", "e4", "e5", "e1", "e3"])
            #expect(all["items/0/isOpen"] == "true" && all["items/0/detail/order"] == "o-1")
            #expect(all["items/3/resolvedAt"] != nil && all["items/4/acknowledgedBy"] == "\(office.staff)")
            #expect(subjects(office.get("alerts", query: ["open": "true"])) == ["e2", "e4", "e5"])
            #expect(subjects(office.get("alerts", query: ["open": "false"])) == ["e1", "e3"])

            var paged: [String?] = [], cursor: String?
            repeat {
                let page = office.get(
                    "alerts", query: cursor.map { ["limit": "2", "cursor": $0] } ?? ["limit": "2"])
                paged += subjects(page)
                cursor = page["next"]
                if let cursor {
                    let other = office.get("alerts", query: ["open": "true", "cursor": cursor])
                    #expect(other.outcome == "400 invalid-query", "another list")
                }
            } while cursor != nil
            #expect(paged == ["e2", "e4", "e5", "e1", "e3"])
        }
    }

    @Test func `staff sees its own matters, and an admin all`() throws {
        try withDatabase { database in
            let office = try BackOffice(database)
            var ids: [String: Alert.ID] = [:]
            for audience in ["admin", "editor", "support", "finance"] {
                ids[audience] = try raise("of \(audience)", for: audience, database)
            }
            for role in [Role.editor, .support, .finance] {
                #expect(subjects(office.get("alerts", as: [role])) == ["of \(role.rawValue)"])
            }
            #expect(subjects(office.get("alerts", as: [.editor, .finance])).count == 2)
            #expect(subjects(office.get("alerts", as: [.admin])).count == 4)
            #expect(office.get("alerts", as: []).outcome == "403 forbidden")
            #expect(office.get("alerts", as: nil).outcome == "401 unauthenticated")

            let finance = ["id": "\(try #require(ids["finance"]))"]
            let acknowledge = { office.post("alerts/{id}/acknowledge", as: $0, finance) }
            #expect(acknowledge([.support]).outcome == "404 not-found")
            #expect(acknowledge([]).outcome == "403 forbidden")
            #expect(try database.count("plumbing.alerts WHERE acknowledged_at IS NOT NULL") == 0)
            #expect(office.admitted(acknowledge) == ["admin", "finance"])
            for id in ["\(Alert.ID())", "1"] {
                #expect(office.post("alerts/{id}/acknowledge", ["id": id]).outcome == "404 not-found")
            }
            #expect(office.get("alerts", query: ["open": "yes"])["errors/0/parameter"] == "open")
            #expect(office.get("alerts", query: ["kind": "x"]).outcome == "400 invalid-query")
        }
    }

    @Test func `it is acknowledged once, which is noted, and raised again when it happens again`() throws {
        try withDatabase { database in
            let office = try BackOffice(database)
            let id = try raise("e1", database)
            let names = ["id": "\(id)"]
            let first = office.post("alerts/{id}/acknowledge", as: [.finance], names)
            let again = office.post("alerts/{id}/acknowledge", as: [.admin], names)
            #expect(first.statusCode == 200 && again.body == first.body)
            let log = office.get("audit", query: ["action": "alert.acknowledged"])
            #expect(log["items"] == "1" && log["items/0/subject"] == "alert/\(id)")
            #expect(log["items/0/before/subject"] == "e1" && log["items/0/actor"] == "\(office.staff)")

            #expect(try raise("e1", database) == id)
            #expect(subjects(office.get("alerts", query: ["open": "true"])) == ["e1"])
            try resolve("e1", database)
            let over = office.post("alerts/{id}/acknowledge", names)
            #expect(over.statusCode == 200 && over["acknowledgedAt"] == nil && over["resolvedAt"] != nil)
            #expect(try database.count("plumbing.audit_log WHERE action = 'alert.acknowledged'") == 1)
        }
    }

    @Test func `of twenty who acknowledge at once one is noted`() throws {
        try withDatabase { database in
            let office = try BackOffice(database)
            let id = try raise("e1", database)
            let noted = atOnce(20) { _, line in
                let connection = database.connect(as: "admin")
                try connection.warmUp()
                line.wait()
                return try connection.transaction(.readCommitted) {
                    try $0.acknowledge(id, by: office.staff)
                }
            }
            #expect(try noted.successes().filter { $0 }.count == 1)
        }
    }
}
