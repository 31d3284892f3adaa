import Bookshop
import Foundation
import Postgres
import Records
import TestSupport
import Testing

/// Never more goes back than was received, whoever asks at once.
@Suite struct RefundRaceTests {
    /// A paid order of three books, and by whom money is given back.
    private func paid(_ database: TestDatabase) throws -> (attempt: PaymentAttempt, finance: Principal.ID) {
        try database.connect().transaction { transaction in
            let customer = try transaction.person("c"), editor = try transaction.person("e", .editor)
            let books = try ["Emma", "Persuasion", "Ulysses"].map {
                try transaction.published($0, price: 1000, by: editor)
            }
            let attempt = try transaction.opened(try transaction.ordered(books, by: customer))
            _ = try transaction.record(.test(of: attempt))
            return (attempt, try transaction.person("f", .finance))
        }
    }

    private func returned(_ database: TestDatabase) throws -> Int {
        try database.connect().transaction {
            try $0.value("SELECT COALESCE(sum(amount), 0)::bigint FROM sales.refunds") ?? -1
        }
    }

    @Test func `of twenty who give back at once, no line goes back twice`() throws {
        try withDatabase { database in
            let (attempt, finance) = try paid(database)
            let outcomes = atOnce(20) { index, line in
                let connection = database.connect(as: "payments")
                try connection.warmUp()
                let lines = index % 4 == 3 ? nil : [index % 4 + 1]
                line.wait()
                return try connection.transaction(.readCommitted) { transaction in
                    try transaction.request(
                        RefundWish(order: attempt.order, lines: lines, reason: .duplicate), by: finance,
                        under: .random, requestHash: .hash
                    ).amount.minorUnits
                }
            }
            let given = outcomes.compactMap { try? $0.get() }
            #expect(given.reduce(0, +) == 3000 && (1...4).contains(given.count))
            #expect(try returned(database) == 3000)
            for case .failure(let error) in outcomes {
                #expect([.nothingLeft, .tooMuch].contains(error as? RefundError))
            }
        }
    }

    /// Past the function that asks first: the constraint itself.
    @Test func `twenty refunds written at once are never above what was received`() throws {
        try withDatabase { database in
            let (attempt, _) = try paid(database)
            let outcomes = atOnce(20) { index, line in
                let connection = database.connect()
                try connection.warmUp()
                line.wait()
                return try connection.transaction(.readCommitted) { transaction in
                    try transaction.run(
                        """
                        INSERT INTO sales.refunds
                            (order_id, attempt_id, currency, amount, reason, idempotency_key)
                        VALUES (\(attempt.order), \(attempt.id), 'EUR', 700, 'duplicate',
                            \("the key of refund \(index)"))
                        """)
                }
            }
            #expect(outcomes.count { (try? $0.get()) == 1 } == 4)
            #expect(try returned(database) == 2800)
            for case .failure(let error) in outcomes {
                #expect((error as? PostgresError)?.constraint == "refunds_within_received")
            }
        }
    }

    @Test func `what went back at the provider is written down, however much it is`() throws {
        try withConnection { connection in
            try connection.transaction { transaction in
                let customer = try transaction.person("c"), editor = try transaction.person("e", .editor)
                let book = try transaction.published("Emma", by: editor)
                let attempt = try transaction.opened(try transaction.ordered([book], by: customer))
                _ = try transaction.record(.test(of: attempt))
                for id in ["re_1", "re_2"] {
                    let fact = RefundFact(
                        id: id, own: nil, paymentIntent: "pi_\(attempt.id)", amount: 1499, currency: "EUR",
                        state: .succeeded, failureReason: nil)
                    #expect(try transaction.record(fact, toldBy: "evt", at: Date()) == .recorded)
                }
                #expect(try transaction.value("SELECT sum(amount)::bigint FROM sales.ledger") == -1499)
                #expect(try transaction.refunds(of: attempt.order).count == 2)
                #expect(try transaction.audiobooks(ownedBy: customer).isEmpty)
            }
        }
    }
}
