import Core
import Foundation
import Postgres
import Records
import TestSupport
import Testing

/// All orders and repetitions in which the events of a story can come lead to one and the same database.
///
/// Each order of events is told to an order of its own, so that nothing need be undone in between; then all of them
/// are described without the names and instants that tell them apart, and there must be one description.
@Suite struct PermutationTests {
    @Test(arguments: Scenario.all)
    func `in whatever order and however often it is told, it comes to the same`(scenario: Scenario) throws {
        try withDatabase { database in
            let sequences = deliveries(of: Array(scenario.events.indices))
            let orders = try database.prepared { try $0.orders(sequences.count, for: scenario) }
            let shop = database.shop(of: "stripe-webhook")
            for (order, sequence) in zip(orders, sequences) {
                for index in sequence {
                    let event = scenario.events[index].event("evt_\(order.id)_\(index)", order.names)
                    _ = try shop.database.transaction(.readCommitted) { try $0.receive(event) }
                    try shop.settle(event)
                }
            }
            // As the relay does: what was too little at first is enough by now.
            for event in try database.prepared({ try $0.keptEvents() }) { try shop.settle(event) }

            let ends = try database.prepared { try $0.descriptions() }
            #expect(ends.count == 1, "\(scenario.name): \(ends)")
            #expect(ends.first?.orders == sequences.count)
            for word in scenario.end {
                #expect(ends.first?.text.contains(word) == true, "\(word) in \(ends.first?.text ?? "")")
            }
            #expect(try database.count("plumbing.webhook_events WHERE state IN ('received', 'parked')") == 0)
            log("orders of events tried", ["scenario": scenario.name, "orders": sequences.count])
        }
    }

    @Test func `so many orders of events are what they should be`() {
        #expect(deliveries(of: ["a"]) == [["a"], ["a", "a"]])
        #expect(deliveries(of: [1, 2]).count == 14)
        #expect(deliveries(of: [1, 2, 3]).count == 222)
        #expect(Set(deliveries(of: [1, 2, 3, 4])).count == 120)
        #expect(Set(deliveries(of: [1, 2, 3, 4, 5])).count == 720)
    }
}

/// An order that is told of, and the names that stand in its events.
struct ToldOrder: RowDecodable {
    let id: Int
    let names: [String: String]

    init(_ row: borrowing Row) throws(PostgresError) {
        id = try row["n"]
        let first: String = try row["first"]
        names = ["$A": first, "$B": try row["second"] ?? "", "$R": try row["refund"] ?? ""]
    }
}

struct Description: RowDecodable {
    let text: String
    let orders: Int

    init(_ row: borrowing Row) throws(PostgresError) { (text, orders) = (try row["text"], try row["orders"]) }
}
