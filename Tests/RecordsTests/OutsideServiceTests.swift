import Bookshop
import FoundationEssentials
import Postgres
import Records
import TestSupport
import Testing

@Suite struct OutsideServiceTests {
    private func seconds(_ rest: Rest?) -> Int? { rest?.delaySeconds(from: Date()) }

    /// For how many seconds it is left alone after it asked for so many.
    private func throttled(_ wait: Int, _ transaction: borrowing Transaction) throws -> Int {
        let rest = try transaction.failed(.speech, as: .throttled(retryAfterSeconds: wait), because: "429")
        return seconds(rest) ?? 0
    }

    @Test func `the longest rest that was asked for is kept, whoever is answered meanwhile`() throws {
        try withConnection { connection in
            try connection.transaction { transaction in
                #expect((35...40).contains(try throttled(40, transaction)))
                #expect((35...40).contains(try throttled(3, transaction)))
                try transaction.answered(.speech)
                let rest = try transaction.rest(of: .speech)
                #expect((35...40).contains(seconds(rest) ?? 0))
                #expect(try transaction.rest(of: .writing) == nil, "another is not concerned")
                #expect(
                    (890...900).contains(try throttled(86_400, transaction)), "no message is held back longer"
                )
            }
        }
    }

    @Test(arguments: [OutsideFailure.Kind.refused, .throttled(retryAfterSeconds: 1)])
    func `a refusal is an answer, after which failures are counted anew`(answer: OutsideFailure.Kind) throws {
        try withConnection { connection in
            try connection.transaction { transaction in
                for _ in 1...4 {
                    #expect(try transaction.failed(.speech, as: .unavailable, because: "away") == nil)
                }
                _ = try transaction.failed(.speech, as: answer, because: "answered")
                for _ in 1...4 { _ = try transaction.failed(.speech, as: .unavailable, because: "away") }
                let isOpen: Bool? = try transaction.value(
                    "SELECT is_open FROM plumbing.outside_services WHERE name = 'speech'")
                #expect(isOpen == false)
                #expect(
                    try transaction.failed(.speech, as: .undecided, because: "away")?.reason == .unavailable)
            }
        }
    }

    @Test func `it is left alone for longer each time, up to ten minutes`() {
        #expect((1...4).allSatisfy { OutsideService.restSeconds(afterFailures: $0) == nil })
        #expect(
            [5, 6, 7, 8, 9, 10, 11, 5000].map { OutsideService.restSeconds(afterFailures: $0) }
                == [30, 60, 120, 240, 480, 600, 600, 600])
    }

    @Test func `of many who come after the rest, one sees whether it is there again`() throws {
        try withDatabase { database in
            try database.connect().transaction { transaction in
                for _ in 1...5 { _ = try transaction.failed(.speech, as: .unavailable, because: "away") }
                try transaction.run(
                    "UPDATE plumbing.outside_services SET rests_until = now() WHERE name = 'speech'")
            }
            let turns = try atOnce(8) { _, line in
                let worker = database.connect(as: "transcribe")
                line.wait()
                return try worker.transaction(.readCommitted) { try $0.turn(at: .speech, probeSeconds: 60) }
            }.successes()
            #expect(turns.count { $0 == nil } == 1)
            #expect(turns.compactMap { seconds($0) }.allSatisfy { (50...60).contains($0) })
        }
    }
}
