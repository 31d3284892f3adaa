import Bookshop
import Foundation
import Postgres
import Records
import TestSupport
import Testing

@Suite struct OrderHistoryTests {
    private func orders(_ count: Int, in database: TestDatabase) throws -> [Order] {
        try database.connect().transaction { transaction in
            let book = try transaction.published("Emma", by: try transaction.person("e", .editor))
            return try (0..<count).map {
                try transaction.ordered([book], by: try transaction.person("c\($0)"))
            }
        }
    }

    private func step(_ step: OrderStep) -> String {
        "\(step.position) \(step.state) \(step.actor == nil ? "nobody" : "somebody") \(step.function)"
    }

    @Test func `every move is noted with who made it and by which function`() throws {
        try withDatabase { database in
            let orders = try orders(2, in: database)
            let attempt = try database.connect(as: "checkout").transaction {
                try $0.attempt(toPay: orders[0].id, until: Date(timeIntervalSinceNow: 60))
            }
            try database.connect(as: "stripe-webhook").transaction { _ = try $0.record(.test(of: attempt)) }
            let support = try database.connect().transaction { try $0.person("s", .support) }
            try database.connect(as: "orders").transaction { transaction in
                try transaction.move(orders[1].id, to: .cancelled, ifVersion: 1, by: support)
            }
            try database.connect().transaction { transaction throws in
                #expect(
                    try transaction.history(of: orders[0].id).map(step)
                        == ["1 pending somebody none", "2 confirmed nobody stripe-webhook"])
                let moved = try transaction.history(of: orders[1].id)
                #expect(moved.map(step) == ["1 pending somebody none", "2 cancelled somebody orders"])
                #expect(moved[0].actor == orders[1].customer && moved[1].actor == support)
                #expect(moved[1].from == .pending && moved[0].from == nil)
            }
        }
    }

    @Test func `in whose name a transaction acts ends with it`() throws {
        try withDatabase { database in
            let orders = try orders(1, in: database)
            let connection = database.connect(as: "orders")
            let support = try database.connect().transaction { try $0.person("s", .support) }
            try connection.transaction { try $0.act(as: support) }
            try connection.transaction { _ = try $0.close(orders[0].id, as: .expired) }
            let history = try connection.transaction { try $0.history(of: orders[0].id) }
            #expect(history.last?.actor == nil)
        }
    }

    @Test(arguments: ["orders", "admin", "checkout", "relay"])
    func `no function writes history by hand, and nobody changes it`(function: String) throws {
        try withDatabase { database in
            _ = try orders(1, in: database)
            for statement: SQL in [
                "INSERT INTO sales.order_history SELECT order_id, 9, 'pending', 'confirmed' FROM sales.order_history",
                "UPDATE sales.order_history SET state = 'confirmed'", "DELETE FROM sales.order_history",
                "TRUNCATE sales.order_history",
            ] {
                #expect(throws: PostgresError.self) {
                    try database.connect(as: function).transaction { _ = try $0.run(statement) }
                }
            }
            for statement: SQL in [
                "UPDATE sales.order_history SET state = 'confirmed'", "DELETE FROM sales.order_history",
                "TRUNCATE sales.order_history",
            ] {
                let error = #expect(throws: PostgresError.self) {
                    try database.connect().transaction { _ = try $0.run(statement) }
                }
                #expect(error?.constraint == "append_only")
            }
        }
    }

    @Test func `what somebody else moved meanwhile is not moved`() throws {
        try withConnection { connection in
            try connection.transaction { transaction in
                let customer = try transaction.person("c"), editor = try transaction.person("e", .editor)
                let order = try transaction.ordered(
                    [try transaction.published("Emma", by: editor)], by: customer)
                #expect(throws: OrderMoveError.changedMeanwhile) {
                    try transaction.move(order.id, to: .cancelled, ifVersion: 2, by: editor)
                }
                let attempt = try transaction.opened(order)
                #expect(throws: OrderMoveError.beingPaid) {
                    try transaction.move(order.id, to: .cancelled, ifVersion: 1, by: editor)
                }
                _ = try transaction.record(.test(of: attempt))
                #expect(throws: OrderMoveError.paid) {
                    try transaction.move(order.id, to: .cancelled, ifVersion: 2, by: editor)
                }
            }
        }
    }

    /// Of many who confirm at once every third fails after all, when the number was given already.
    @Test func `numbers have no gaps, whoever fails on the way`() throws {
        struct Failed: Error {}
        try withDatabase { database in
            let attempts = try orders(60, in: database).map { order in
                try database.connect().transaction { try $0.opened(order) }
            }
            let outcomes = atOnce(60) { index, line in
                let connection = database.connect(as: index.isMultiple(of: 2) ? "stripe-webhook" : "relay")
                try connection.warmUp()
                line.wait()
                try connection.transaction(.readCommitted) { transaction in
                    guard try transaction.record(.test(of: attempts[index])) == .applied else {
                        throw Failed()
                    }
                    if index % 3 == 2 { throw Failed() }
                }
            }
            #expect(outcomes.filter { (try? $0.get()) == nil }.count == 20)
            try database.connect().transaction { transaction throws in
                let numbers: [Int] = try transaction.values(
                    "SELECT number FROM sales.orders WHERE number IS NOT NULL ORDER BY number")
                #expect(numbers == Array(1...40))
                // Given out in the order in which they were confirmed, as the receipts of a year are told apart.
                let failed = try (0..<60).filter { $0 % 3 == 2 }.map {
                    try transaction.record(.test(of: attempts[$0]))
                }
                #expect(failed.allSatisfy { $0 == .applied })
                let last: Int? = try transaction.value("SELECT max(number) FROM sales.orders")
                #expect(last == 60)
            }
        }
    }
}
