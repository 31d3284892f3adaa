import Bookshop
import Foundation
import Postgres
import Records
import TestSupport
import Testing

@Suite struct PlumbingTests {
    private let event = WebhookEvent(
        provider: .stripe, id: "evt_1", type: "checkout.session.completed", apiVersion: "2026-07-29.dahlia",
        isLive: false, objectID: "cs_1", createdAt: Date(timeIntervalSince1970: 1_800_000_000),
        raw: [0, 255, 10, 13])

    @Test func `an event is kept as it came, and once`() throws {
        try withConnection { connection in
            try connection.transaction { transaction in
                #expect(try transaction.receive(event) == .first)
                #expect(try transaction.receive(event) == .again(.received))
                #expect(
                    try transaction.waitingWebhookEvents(of: .stripe, idleSeconds: 0, limit: 10) == [event])
                #expect(try transaction.waitingWebhookEvents(of: .stripe, idleSeconds: 60, limit: 10).isEmpty)
                #expect(
                    try transaction.waitingWebhookEvents(of: .identity, idleSeconds: 0, limit: 10).isEmpty)
                try transaction.putOff(event)
                #expect(try transaction.waitingWebhookEvents(of: .stripe, idleSeconds: 0, limit: 10).isEmpty)
            }
        }
    }

    @Test(arguments: [
        (WebhookVerdict.processed, WebhookEvent.State.processed), (.ignored, .ignored),
        (.parked("wrong currency"), .parked),
    ])
    func `what was settled stays settled`(verdict: WebhookVerdict, state: WebhookEvent.State) throws {
        try withConnection { connection in
            try connection.transaction { transaction in
                _ = try transaction.receive(event)
                try transaction.settle(event, as: verdict)
                try transaction.settle(event, as: .ignored)
                #expect(try transaction.receive(event) == .again(state))
                #expect(try transaction.waitingWebhookEvents(of: .stripe, idleSeconds: 0, limit: 10).isEmpty)
            }
        }
    }

    @Test func `a lease is held by one until its time is over`() throws {
        try withConnection { connection in
            try connection.transaction { transaction in
                let one = Lease(), other = Lease()
                #expect(try transaction.take(one, of: "sweep", seconds: 60))
                #expect(try transaction.take(one, of: "sweep", seconds: 60))
                #expect(try !transaction.take(other, of: "sweep", seconds: 60))
                #expect(try transaction.take(other, of: "keys", seconds: 60))
                try transaction.giveBack(other, of: "sweep")
                #expect(try !transaction.take(other, of: "sweep", seconds: 60))
                try transaction.giveBack(one, of: "sweep")
                #expect(try transaction.take(other, of: "sweep", seconds: 0))
                #expect(try transaction.take(one, of: "sweep", seconds: 60))
            }
        }
    }

    private func begin(
        _ key: IdempotencyKey, hash: [UInt8] = .hash, of principal: String = "a", lock: Int = 60,
        _ transaction: borrowing Transaction
    ) throws -> KeyedRequest {
        try transaction.begin(key, of: principal, requestHash: hash, lockSeconds: lock)
    }

    @Test func `a key names one request and its answer`() throws {
        try withConnection { connection in
            try connection.transaction { transaction in
                let key = IdempotencyKey.random
                #expect(try begin(key, transaction) == .fresh)
                #expect(try begin(key, transaction) == .inProgress)
                #expect(try begin(key, of: "b", lock: 0, transaction) == .fresh)
                #expect(try begin(key, of: "b", transaction) == .fresh, "the lock is over")
                let other = [UInt8](repeating: 8, count: 32)
                #expect(throws: IdempotencyKeyReused()) { try begin(key, hash: other, transaction) }
                try transaction.answer(key, of: "a", status: 201, response: [1])
                #expect(try begin(key, transaction) == .answered(status: 201, response: [1]))
                #expect(throws: IdempotencyKeyReused()) { try begin(key, hash: other, transaction) }
                #expect(try transaction.forgetIdempotencyKeys(olderThanSeconds: 60) == 0)
                #expect(try transaction.forgetIdempotencyKeys(olderThanSeconds: 0) == 2)
            }
        }
    }

    @Test func `one request begun forty times at once is one person's to do`() throws {
        try withDatabase { database throws in
            let key = IdempotencyKey.random
            let begun = atOnce(40) { _, line in
                let connection = database.connect(as: "catalogue")
                try connection.warmUp()
                line.wait()
                return try connection.transaction(.readCommitted) {
                    try $0.begin(key, of: "a", requestHash: .hash, lockSeconds: 60)
                }
            }
            #expect(try begun.successes().filter { $0 == .fresh }.count == 1)
        }
    }
}
