import Bookshop
import Foundation
import Postgres
import Records
import TestSupport
import Testing

@Suite struct PaymentTests {
    private func world(
        _ transaction: borrowing Transaction, titles: [String] = ["Emma"], price: Int = 1499
    ) throws -> (customer: Customer.ID, order: Order) {
        let customer = try transaction.person("c"), editor = try transaction.person("e", .editor)
        let books = try titles.map { try transaction.published($0, price: price, by: editor) }
        return (customer, try transaction.ordered(books, by: customer))
    }

    private func count(_ transaction: borrowing Transaction, _ what: SQL) throws -> Int {
        try transaction.value("SELECT count(*) FROM \(what)") ?? -1
    }

    @Test func `money becomes access, once`() throws {
        try withConnection { connection in
            try connection.transaction { transaction in
                let (customer, order) = try world(transaction, titles: ["Emma", "Persuasion"])
                let attempt = try transaction.opened(order)
                #expect(try transaction.record(.test(of: attempt)) == .applied)
                #expect(try transaction.record(.test(of: attempt, toldBy: "evt_2")) == .duplicate)

                let paid = try #require(try transaction.order(order.id))
                #expect(paid.state == .confirmed && paid.number == 1)
                #expect(try transaction.paymentStatus(of: order.id) == "paid")
                #expect(try transaction.audiobooks(ownedBy: customer) == Set(order.lines.map(\.audiobook)))
                #expect(try transaction.library(of: customer).items.count == 2)
                #expect(try transaction.cart(of: customer) == nil, "the cart was converted")
                let topics = try transaction.claimEvents(limit: 100).map(\.topic)
                #expect(topics.filter { $0 == .orderCompleted }.count == 1)
                #expect(topics.filter { $0 == .paymentProcessed }.count == 1)
                #expect(try count(transaction, "sales.ledger") == 1)
            }
        }
    }

    @Test(arguments: [Isolation.readCommitted, .serializable])
    func `forty deliveries at once are one payment`(isolation: Isolation) throws {
        try withDatabase { database in
            let attempt = try database.connect().transaction { transaction in
                try transaction.opened(try world(transaction).order)
            }
            let outcomes = atOnce(40) { index, line in
                let connection = database.connect(as: "stripe-webhook")
                try connection.warmUp()
                line.wait()
                return try connection.transaction(isolation, attempts: 60) {
                    try $0.record(.test(of: attempt, toldBy: "evt_\(index)"))
                }
            }
            let told = try outcomes.successes()
            #expect(told.filter { $0 == .applied }.count == 1)
            #expect(told.filter { $0 == .duplicate }.count == 39)
            try database.connect().transaction { transaction throws in
                #expect(try count(transaction, "listening.entitlements") == 1)
                #expect(try count(transaction, "sales.ledger") == 1)
            }
        }
    }

    @Test func `orders that are paid at once are numbered without a gap`() throws {
        try withDatabase { database in
            let attempts = try database.connect().transaction { transaction in
                let editor = try transaction.person("e", .editor)
                let book = try transaction.published("Emma", by: editor)
                return try (0..<12).map { index in
                    let customer = try transaction.person("c\(index)")
                    return try transaction.opened(try transaction.ordered([book], by: customer))
                }
            }
            let outcomes = atOnce(12) { index, line in
                let connection = database.connect(as: "stripe-webhook")
                try connection.warmUp()
                line.wait()
                return try connection.transaction(.readCommitted) {
                    try $0.record(.test(of: attempts[index]))
                }
            }
            #expect(try outcomes.successes().allSatisfy { $0 == .applied })
            let numbers: [Int] = try database.connect().transaction {
                try $0.values("SELECT number FROM sales.orders ORDER BY number")
            }
            #expect(numbers == Array(1...12))
        }
    }

    @Test func `an order that costs nothing is confirmed by the same way`() throws {
        try withConnection { connection in
            try connection.transaction { transaction in
                let (customer, order) = try world(transaction, price: 0)
                let attempt = try transaction.attempt(toPay: order.id, until: Date())
                #expect(attempt.kind == .free && attempt.expiresAt == nil)
                #expect(try transaction.record(.free(attempt, at: Date())) == .applied)
                #expect(try transaction.record(.free(attempt, at: Date())) == .duplicate)
                #expect(try transaction.audiobooks(ownedBy: customer).count == 1)
                #expect(try transaction.paymentStatus(of: order.id) == "no_payment_required")
                #expect(try count(transaction, "sales.ledger") == 0)
            }
        }
    }

    @Test(arguments: [1498, 1500, 0])
    func `another amount than agreed unlocks nothing`(amount: Int) throws {
        try withConnection { connection in
            try connection.transaction { transaction in
                let (customer, order) = try world(transaction)
                let attempt = try transaction.opened(order)
                #expect(try transaction.record(.test(of: attempt, amount: amount)) == .mismatch)
                #expect(try transaction.order(order.id)?.state == .pending)
                #expect(try transaction.audiobooks(ownedBy: customer).isEmpty)
                let next = try transaction.opened(order)
                #expect(try transaction.record(.test(of: next)) == .applied, "and may be paid again")
            }
        }
    }

    @Test func `what has not the shape of anything we asked for is parked, and writes nothing`() throws {
        try withConnection { connection in
            try connection.transaction { transaction in
                let attempt = try transaction.opened(try world(transaction).order)
                let agreed = PaymentFact.test(of: attempt)
                func fact(session: String? = nil, intent: String? = "pi_x", currency: String = "EUR")
                    -> PaymentFact
                {
                    PaymentFact(
                        attempt: attempt.id, session: session ?? agreed.session, paymentIntent: intent,
                        amount: 1499, currency: currency, toldBy: "evt", occurredAt: Date())
                }
                #expect(try transaction.record(fact(currency: "USD")) == .park)
                #expect(try transaction.record(fact(currency: "XXX")) == .park)
                #expect(try transaction.record(fact(session: "cs_other")) == .park)
                #expect(try transaction.record(fact(intent: nil)) == .park)
                #expect(try transaction.record(.test(of: attempt, amount: -1)) == .park)
                #expect(try transaction.attempt(attempt.id)?.state == .open)
                #expect(try count(transaction, "sales.ledger") == 0)
                #expect(try transaction.record(fact()) == .applied)
            }
        }
    }

    @Test func `a payment of no attempt of ours is told`() throws {
        try withConnection { connection in
            try connection.transaction { transaction in
                let attempt = try transaction.opened(try world(transaction).order)
                let foreign = PaymentFact(
                    attempt: PaymentAttempt.ID(), session: "cs", paymentIntent: "pi", amount: 1,
                    currency: "EUR",
                    toldBy: "evt", occurredAt: Date())
                #expect(try transaction.record(foreign) == .unknown)
                #expect(try transaction.attempt(attempt.id)?.state == .open)
            }
        }
    }

    /// In which state an order and its attempt may be when the money comes after all.
    @Test(arguments: [
        (Order.State.pending, PaymentAttempt.State.created, PaymentOutcome.applied),
        (.pending, .indeterminate, .applied), (.pending, .open, .applied), (.pending, .processing, .applied),
        (.pending, .failed, .applied), (.pending, .expired, .applied), (.expired, .expired, .applied),
        (.expired, .failed, .applied), (.cancelled, .expired, .surplus), (.cancelled, .failed, .surplus),
    ])
    func `money that comes late is not lost`(
        order state: Order.State, attempt step: PaymentAttempt.State, outcome: PaymentOutcome
    ) throws {
        try withConnection { connection in
            try connection.transaction { transaction in
                let (customer, order) = try world(transaction)
                let attempt = try transaction.attempt(toPay: order.id, until: Date(timeIntervalSinceNow: 60))
                if step != .created, step != .indeterminate {
                    try transaction.record(.test(of: attempt), for: attempt.id)
                }
                switch step {
                case .indeterminate: try transaction.mark(attempt.id, as: .indeterminate)
                case .processing: try transaction.mark(attempt.id, as: .processing)
                case .failed: try transaction.mark(attempt.id, as: .failed(code: "declined"))
                case .expired: try transaction.mark(attempt.id, as: .expired)
                default: break
                }
                if let end = OrderEnd(rawValue: state.rawValue) {
                    #expect(try transaction.close(order.id, as: end))
                }
                #expect(try transaction.attempt(attempt.id)?.state == step)
                #expect(try transaction.record(.test(of: attempt)) == outcome)
                #expect(try transaction.audiobooks(ownedBy: customer).isEmpty == (outcome == .surplus))
                #expect(
                    try transaction.order(order.id)?.state == (outcome == .applied ? .confirmed : .cancelled))
                for late in [AttemptOutcome.failed(code: "late"), .expired, .cancelled, .processing] {
                    #expect(try !transaction.mark(attempt.id, as: late), "paid stays paid")
                }
            }
        }
    }

    @Test func `two pages that were both paid are one order and a surplus`() throws {
        try withConnection { connection in
            try connection.transaction { transaction in
                let (_, order) = try world(transaction)
                let first = try transaction.opened(order)
                try transaction.mark(first.id, as: .expired)
                let second = try transaction.opened(order)
                #expect(try transaction.record(.test(of: second)) == .applied)
                #expect(try transaction.record(.test(of: first)) == .surplus)
                #expect(try transaction.paymentStatus(of: order.id) == "overcharged")
                #expect(try count(transaction, "listening.entitlements") == 1)
            }
        }
    }

    @Test func `one book paid in two orders is owned once, and somebody is told`() throws {
        try withConnection { connection in
            try connection.transaction { transaction in
                let (customer, order) = try world(transaction)
                let attempt = try transaction.opened(order)
                try transaction.mark(attempt.id, as: .expired)
                #expect(try transaction.close(order.id, as: .expired))
                let again = try transaction.ordered(order.lines.map(\.audiobook), by: customer)
                #expect(try transaction.record(.test(of: try transaction.opened(again))) == .applied)
                #expect(try transaction.record(.test(of: attempt)) == .applied)
                #expect(try count(transaction, "listening.entitlements") == 1)
                let events = try transaction.claimEvents(limit: 100)
                #expect(events.filter { $0.topic == .lineAlreadyOwned }.map(\.key) == [order.id.description])
            }
        }
    }

    @Test func `what was put into the cart after the order stays in it`() throws {
        try withConnection { connection in
            try connection.transaction { transaction in
                let (customer, order) = try world(transaction)
                let attempt = try transaction.opened(order)
                let later = try transaction.published("Persuasion", by: try transaction.person("e"))
                try transaction.add(later, toCartOf: customer, in: .eur)
                #expect(try transaction.record(.test(of: attempt)) == .applied)
                #expect(try transaction.cart(of: customer)?.items.map(\.audiobook) == [later])
            }
        }
    }

    @Test func `a refund told before its charge unlocks nothing`() throws {
        try withConnection { connection in
            try connection.transaction { transaction in
                let (customer, order) = try world(transaction)
                let attempt = try transaction.opened(order)
                try transaction.note("pi_\(attempt.id)", of: attempt.id)
                let refund = RefundFact(
                    id: "re_1", own: nil, paymentIntent: "pi_\(attempt.id)", amount: 1499, currency: "EUR",
                    state: .succeeded, failureReason: nil)
                #expect(try transaction.record(refund, toldBy: "evt_0", at: Date()) == .recorded)
                #expect(try transaction.record(.test(of: attempt)) == .applied)
                #expect(try transaction.audiobooks(ownedBy: customer).isEmpty)
                #expect(try transaction.paymentStatus(of: order.id) == "refunded")
            }
        }
    }
}
