import Bookshop
import Foundation
import Postgres
import Records
import TestSupport
import Testing

/// Limits on what is costly.
@Suite struct TurnTests {
    private let ada = Asker.person(Principal.ID())
    private let limit = CostlyRoute.promotions.perPerson

    /// Lets seconds go by for all who were counted.
    private func pass(_ seconds: Int, in database: TestDatabase) throws {
        try database.connect().transaction { transaction in
            _ = try transaction.run(
                """
                UPDATE plumbing.rate_limits SET
                    turns = ARRAY(SELECT turn - make_interval(secs => \(seconds)) FROM unnest(turns) AS turn),
                    forgotten_at = forgotten_at - make_interval(secs => \(seconds))
                """)
        }
    }

    @Test func `of all who come at once no more than the limit are let through`() throws {
        try withDatabase { database in
            let asker = ada
            let waits = try atOnce(40) { _, line -> Int? in
                let connection = database.connect(as: "cart")
                try connection.warmUp()
                line.wait()
                return try connection.transaction(.readCommitted) {
                    try $0.waitSeconds(for: .promotions, of: asker)
                }
            }.successes()
            #expect(waits.filter { $0 == nil }.count == limit.most)
            #expect(waits.compactMap { $0 }.allSatisfy { (1...limit.seconds).contains($0) })
        }
    }

    @Test func `a turn comes back when its time is over, and not before`() throws {
        try withDatabase { database in
            let connection = database.connect(as: "cart")
            func take() throws -> Int? {
                try connection.transaction(.readCommitted) {
                    try $0.waitSeconds(for: .promotions, of: ada)
                }
            }
            for _ in 1..<limit.most { #expect(try take() == nil) }
            try pass(limit.seconds - 10, in: database)
            #expect(try take() == nil)
            #expect(try (1...10).contains(#require(try take())), "the first turns come back in ten seconds")
            try pass(10, in: database)
            for _ in 1..<limit.most { #expect(try take() == nil) }
            #expect(try (1...limit.seconds - 9).contains(#require(try take())))
            let kept: Int? = try database.connect().transaction { transaction in
                try transaction.value("SELECT max(cardinality(turns)) FROM plumbing.rate_limits")
            }
            #expect(kept == limit.most)
        }
    }

    @Test func `each route, person and network is counted apart`() throws {
        try withDatabase { database in
            let connection = database.connect(as: "gifts")
            func wait(_ route: CostlyRoute, _ asker: Asker) throws -> Int? {
                try connection.transaction(.readCommitted) { try $0.waitSeconds(for: route, of: asker) }
            }
            for _ in 1...limit.most { #expect(try wait(.promotions, ada) == nil) }
            #expect(try wait(.promotions, ada) != nil)
            #expect(try wait(.gifts, ada) == nil)
            #expect(try wait(.promotions, .person(Principal.ID())) == nil)

            let most = CostlyRoute.promotions.perNetwork.most
            for host in 1...most {
                #expect(try wait(.promotions, .network(address: "2001:db8:1:2::\(host)")) == nil)
            }
            #expect(try wait(.promotions, .network(address: "2001:db8:1:2:ffff::")) != nil, "one network")
            #expect(try wait(.promotions, .network(address: "2001:db8:1:3::1")) == nil, "its neighbour")
            #expect(try wait(.promotions, .network(address: "192.0.2.1")) == nil)
            #expect(try wait(.promotions, .network(address: nil)) == nil)
            let callers: [String] = try database.connect().transaction {
                try $0.values("SELECT caller FROM plumbing.rate_limits")
            }
            #expect(!callers.contains { $0.contains("192.0.2") || $0.contains("2001:db8") })
        }
    }

    @Test func `the relay forgets what counts no more, and nothing else`() throws {
        try withDatabase { database in
            let connection = database.connect(as: "cart"), relay = database.connect(as: "relay")
            _ = try connection.transaction(.readCommitted) { try $0.waitSeconds(for: .gifts, of: ada) }
            _ = try connection.transaction(.readCommitted) { try $0.waitSeconds(for: .export, of: ada) }
            #expect(try relay.transaction { try $0.forgetTurns() } == 0)
            try pass(61, in: database)
            #expect(try relay.transaction { try $0.forgetTurns() } == 1)
            try pass(3600, in: database)
            #expect(try relay.transaction { try $0.forgetTurns() } == 1)
        }
    }
}
