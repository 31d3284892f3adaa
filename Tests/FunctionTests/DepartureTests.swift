import Foundation
import TestSupport
import Testing

@testable import Core
@testable import relay
@testable import users

/// What else must be settled when somebody goes.
@Suite struct DepartureTests {
    private func forget(_ person: Principal.ID, in database: TestDatabase) -> String {
        database.shop(of: "users", for: .customer(person)).answer(
            Request("DELETE /api/v1/me", query: ["confirmation": "forget me"])
        ).outcome
    }

    @Test func `the payment provider is asked to forget them too, until it has`() throws {
        try withDatabase { database throws in
            let life = try Life.lived(in: database)
            #expect(forget(life.person, in: database) == "204")
            var relay = database.shop(of: "relay")
            let asked = Told<String>()
            relay.providerCustomers.delete = { customer in
                asked.append(customer)
                throw OutsideFailure("stripe", .undecided, reason: "no answer")
            }
            try Sweep.departed.run(in: relay)
            try Sweep.departed.run(in: relay)
            #expect(asked.all == ["cus_ada"], "it is not asked again at once")
            _ = try database.prepared {
                try $0.run("UPDATE sales.customer_deletions SET next_try_at = now()")
            }
            relay.providerCustomers.delete = { asked.append($0) }
            try Sweep.departed.run(in: relay)
            try Sweep.departed.run(in: relay)
            #expect(asked.all == ["cus_ada", "cus_ada"])
            #expect(try database.count("sales.customer_deletions") == 0)
        }
    }

    @Test func `nobody goes while a payment of theirs is disputed`() throws {
        try withDatabase { database throws in
            let life = try Life.lived(in: database)
            _ = try database.prepared {
                try $0.run(
                    """
                    INSERT INTO sales.disputes (provider_dispute_id, order_id, attempt_id, currency, amount, state,
                        provider_status, reason, charge_refundable, told_at)
                    SELECT 'dp_2', order_id, attempt_id, currency, 1, 'open', 'needs_response', 'fraudulent', true,
                        now() FROM sales.disputes
                    """)
            }
            #expect(forget(life.person, in: database) == "409 account-unsettled")
            _ = try database.prepared {
                try $0.run("UPDATE sales.disputes SET state = 'won', provider_status = 'won'")
            }
            #expect(forget(life.person, in: database) == "204")
        }
    }
}
