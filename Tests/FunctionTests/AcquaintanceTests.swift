import Foundation
import TestSupport
import Testing

@testable import Core
@testable import users

/// In whatever order, number and company events come, the same is known in the end.
@Suite struct AcquaintanceTests {
    private enum Step: Hashable, CaseIterable { case created, updated, again, gone, signIn }

    private func permutations(_ steps: [Step]) -> [[Step]] {
        guard let first = steps.first else { return [[]] }
        return permutations(Array(steps.dropFirst())).flatMap { rest in
            (0...rest.count).map { place in
                var order = rest
                order.insert(first, at: place)
                return order
            }
        }
    }

    /// The token was made before the last change, and says what was so then.
    private func signIn(_ subject: String, over connection: Connection) throws {
        let account = Account(
            issuer: "https://id.test", subject: subject, email: "old@id.test", isEmailVerified: true,
            name: "Old",
            toldAt: Date(timeIntervalSince1970: 1.5))
        let signIn = SignIn(at: Date(timeIntervalSince1970: 1), session: "sess_1")
        do {
            _ = try connection.transaction(.readCommitted) {
                try $0.principal(of: account, signedIn: signIn)
            }
        } catch AccountError.erased {}
    }

    private func take(_ step: Step, of subject: String, in shop: Shop) throws {
        let provider = Provider(subject: subject)
        let body =
            switch step {
            case .created: provider.told("created", at: 1000, email: "first@id.test", name: "First")
            case .updated: provider.told("updated", at: 2000, email: "second@id.test", name: "Second")
            case .again:
                provider.told("updated", at: 3000, email: "third@id.test", name: "Third", isVerified: false)
            case .gone: provider.gone
            case .signIn: ""
            }
        guard step != .signIn else { return try signIn(subject, over: shop.database) }
        #expect(shop.hear(body, id: "msg_\(subject)_\(step)").outcome == "200")
    }

    /// What is known of an account: the person, if there is one, and whether there may ever be one again.
    private func known(of subject: String, _ database: TestDatabase) throws -> String {
        try database.prepared { transaction in
            let person: String? = try transaction.value(
                """
                SELECT concat_ws('|', email, email_verified, name, display_name, erased_at, leaving_since)
                FROM identity.users WHERE subject = \(subject)
                """)
            let gone: Bool? = try transaction.value(
                """
                SELECT is_final FROM identity.erased_accounts
                WHERE account = identity.digest_of('https://id.test', \(subject))
                """)
            return "\(person ?? "nobody"), \(gone.map { $0 ? "for ever" : "erased" } ?? "welcome")"
        }
    }

    @Test func `every order, each step once or twice, ends the same`() throws {
        try withDatabase { database throws in
            let shop = database.shop(of: "users")
            var count = 0
            for (steps, end) in [
                (Step.allCases.filter { $0 != .gone }, "third@id.test|f|Third, welcome"),
                (Step.allCases, "nobody, for ever"),
            ] {
                for order in permutations(steps) {
                    // Once each; each twice in a row; all of it twice.
                    for told in [order, order.flatMap { [$0, $0] }, order + order] {
                        count += 1
                        let subject = "user_\(count)"
                        for step in told { try take(step, of: subject, in: shop) }
                        #expect(try known(of: subject, database) == end, "\(told)")
                    }
                }
            }
            #expect(count == 3 * (24 + 120))
            let words = try database.count(
                """
                plumbing.webhook_events WHERE state <> 'processed' AND state <> 'ignored'
                """)
            #expect(words == 0)
            #expect(
                try database.count("identity.users WHERE erased_at IS NOT NULL") == 0,
                "nothing was left behind")
        }
    }

    @Test func `all at once ends the same`() throws {
        try withDatabase { database throws in
            for (round, steps) in [
                Step.allCases.filter { $0 != .gone }, Step.allCases, [.gone, .signIn], [.created, .signIn],
            ].enumerated() {
                for turn in 1...8 {
                    let subject = "user_\(round)_\(turn)"
                    let all = steps + steps
                    _ = try atOnce(all.count) { index, line in
                        let shop = database.shop(of: "users")
                        try shop.database.warmUp()
                        line.wait()
                        try take(all[index], of: subject, in: shop)
                    }.successes()
                    // What met its like on the way is settled by the relay.
                    let relay = database.shop(of: "relay")
                    let kept = try relay.database.transaction {
                        try $0.waitingWebhookEvents(of: .identity, idleSeconds: 0, limit: 50)
                    }
                    for event in kept { try relay.acquaint(event) }
                    let end =
                        steps.contains(.gone)
                        ? "nobody, for ever"
                        : steps.contains(.again)
                            ? "third@id.test|f|Third, welcome" : "old@id.test|t|Old, welcome"
                    #expect(try known(of: subject, database) == end)
                }
            }
        }
    }
}
