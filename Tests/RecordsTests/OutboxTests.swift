import Bookshop
import Foundation
import Postgres
import Records
import TestSupport
import Testing

@Suite struct OutboxTests {
    private func emit(_ names: String..., in transaction: borrowing Transaction) throws {
        for name in names {
            try transaction.emit(.uploadReady, about: name, once: name, ["upload": name])
        }
    }

    private func keys(_ events: [OutboxEvent]) -> [String] { events.map(\.key) }

    @Test func `a fact is told once, and until it was told`() throws {
        try withConnection { connection throws in
            try connection.transaction { transaction throws in
                for _ in 1...2 {
                    try transaction.emit(.uploadReady, about: "1", once: "1", ["upload": "1"])
                    try transaction.emit(.audiobookCreated, about: "1", once: "1", ["audiobook": "1"])
                }
                let events = try transaction.claimEvents(limit: 10)
                #expect(events.map(\.topic) == [.uploadReady, .audiobookCreated])
                #expect(events[0].payload == #"{"upload": "1"}"#)
                try transaction.markPublished([events[0].id])
                try transaction.run("UPDATE plumbing.outbox SET next_try_at = now()")
                #expect(try transaction.claimEvents(limit: 10) == [events[1]])
            }
        }
    }

    @Test func `the oldest are taken first, and nobody else takes them for half a minute`() throws {
        try withConnection { connection throws in
            try connection.transaction { transaction throws in
                try emit("a", "b", "c", in: transaction)
                #expect(keys(try transaction.claimEvents(limit: 2)) == ["a", "b"])
                #expect(keys(try transaction.claimEvents(limit: 2)) == ["c"])
                #expect(try transaction.claimEvents(limit: 2).isEmpty)
                try transaction.run(
                    "UPDATE plumbing.outbox SET next_try_at = next_try_at - interval '31 seconds'")
                #expect(keys(try transaction.claimEvents(limit: 9)) == ["a", "b", "c"])
                // The second time it is a minute, and never more than ten.
                try transaction.run(
                    "UPDATE plumbing.outbox SET next_try_at = next_try_at - interval '31 seconds'")
                #expect(try transaction.claimEvents(limit: 9).isEmpty)
                try transaction.run("UPDATE plumbing.outbox SET next_try_at = now(), attempts = 2000")
                #expect(try transaction.claimEvents(limit: 9).count == 3)
                let latest: Bool? = try transaction.value(
                    "SELECT max(next_try_at) <= clock_timestamp() + interval '10 minutes' FROM plumbing.outbox"
                )
                #expect(latest == true)
            }
        }
    }

    @Test func `those who publish at once take different events`() throws {
        try withDatabase { database throws in
            try database.connect().transaction { try emit("a", "b", "c", "d", "e", "f", in: $0) }
            let claimed = atOnce(6) { index, line in
                let publisher = database.connect(as: ["relay", "transcribe", "summarise"][index % 3])
                try publisher.warmUp()
                line.wait()
                return try publisher.transaction(.readCommitted) { try $0.claimEvents(limit: 2) }
            }
            let events = try claimed.successes().flatMap { $0 }
            #expect(Set(events.map(\.id)).count == events.count)
        }
    }

    @Test
    func `an event put aside raises an alert, is taken no more, and the alert is over when it was told`()
        throws
    {
        try withConnection { connection throws in
            try connection.transaction { transaction throws in
                try emit("a", "b", in: transaction)
                let events = try transaction.claimEvents(limit: 9)
                for _ in 1...2 { try transaction.park(events[0].id, because: "too-large") }
                try transaction.markPublished([events[1].id])
                try transaction.park(events[1].id, because: "late")
                try transaction.run("UPDATE plumbing.outbox SET next_try_at = now()")
                #expect(try transaction.claimEvents(limit: 9).isEmpty)
                let alerts = try transaction.alerts(for: [.admin]).items
                #expect(alerts.map(\.kind) == ["unpublished-event"] && alerts[0].subject == "\(events[0].id)")
                #expect(
                    alerts[0].detail.text == #"{"key": "a", "note": "too-large", "topic": "UploadReady"}"#)
                try transaction.markPublished([events[0].id])
                #expect(try transaction.alerts(for: [.admin]).items[0].isOpen == false)
            }
        }
    }

    @Test func `a consumer counts an event once, and another consumer too`() throws {
        try withConnection { connection throws in
            try connection.transaction { transaction throws in
                #expect(try transaction.consume(1, by: "summarise"))
                #expect(try !transaction.consume(1, by: "summarise"))
                #expect(try transaction.consume(2, by: "summarise"))
                #expect(try transaction.consume(1, by: "search"))
            }
            _ = try? connection.transaction { transaction throws in
                #expect(try transaction.consume(3, by: "summarise"))
                throw LeaseLost()
            }
            let counted = try connection.transaction { try $0.consume(3, by: "summarise") }
            #expect(counted, "what was not acted on was not counted")
        }
    }

    @Test func `one event delivered twenty times at once is counted once`() throws {
        try withDatabase { database throws in
            let counted = atOnce(20) { _, line in
                let consumer = database.connect(as: "summarise")
                try consumer.warmUp()
                line.wait()
                return try consumer.transaction(.readCommitted) { try $0.consume(7, by: "summarise") }
            }
            #expect(try counted.successes().count { $0 } == 1)
        }
    }

    @Test func `what was told is forgotten after a week, but for what may be told of again`() throws {
        try withDatabase { database throws in
            try database.connect().transaction { transaction throws in
                try emit("old", "young", "waiting", in: transaction)
                try transaction.emit(.disputeOpened, about: "1", once: "dp_1", ["order": "1"])
                try transaction.markPublished(
                    transaction.claimEvents(limit: 9).filter { $0.key != "waiting" }.map(\.id))
                _ = try transaction.consume(1, by: "summarise")
                try transaction.run(
                    "UPDATE plumbing.outbox SET published_at = published_at - interval '8 days' WHERE key <> 'young'"
                )
            }
            let relay = database.connect(as: "relay")
            try relay.transaction(.readCommitted) { transaction throws in
                #expect(try transaction.forgetPublishedEvents(limit: 9) == 1)
                #expect(try transaction.forgetConsumedEvents(limit: 9) == 0)
            }
            try database.connect().transaction { transaction throws in
                try transaction.emit(.disputeOpened, about: "1", once: "dp_1", ["order": "1"])
                #expect(try transaction.value("SELECT count(*) FROM plumbing.outbox") == 3)
                try transaction.run(
                    "UPDATE plumbing.outbox SET published_at = published_at - interval '2 years'")
                try transaction.run("UPDATE plumbing.consumed SET consumed_at = now() - interval '31 days'")
            }
            try relay.transaction(.readCommitted) { transaction throws in
                #expect(try transaction.forgetPublishedEvents(limit: 9) == 2)
                #expect(try transaction.forgetConsumedEvents(limit: 9) == 1)
            }
        }
    }

    @Test func `whoever changes a profile, it is told of once for each version`() throws {
        try withDatabase { database throws in
            let told = try database.connect().transaction { transaction throws in
                let person = try transaction.person("ada")
                let before: Int = try #require(try transaction.value("SELECT count(*) FROM plumbing.outbox"))
                try transaction.run("UPDATE identity.users SET version = version + 1 WHERE id = \(person)")
                try transaction.run(
                    "UPDATE identity.users SET stripe_customer_id = 'cus_1' WHERE id = \(person)")
                try transaction.run("UPDATE identity.users SET version = version + 1 WHERE id = \(person)")
                let after: Int = try #require(try transaction.value("SELECT count(*) FROM plumbing.outbox"))
                let events = try transaction.claimEvents(limit: 100)
                #expect(events.allSatisfy { $0.topic == .userProfileUpdated && $0.key == "\(person)" })
                #expect(events.allSatisfy { $0.payload == #"{"userId": "\#(person)"}"# })
                return after - before
            }
            #expect(told == 2)
        }
    }
}
