import Bookshop
import Postgres
import Records
import TestSupport
import Testing

/// Where one piece of a recording ends and the next begins.
@Suite struct CutTests {
    /// A recording of half an hour, planned as it would be.
    private func planned(_ transaction: borrowing Transaction) throws -> Transcript.ID {
        let editor = try transaction.person("e", .editor)
        let accepted = try transaction.record(
            try transaction.draft("Emma", by: editor), by: editor, durationMilliseconds: 1_800_000)
        let whole = Span(startMilliseconds: 0, endMilliseconds: 1_800_000)
        _ = try transaction.plan(accepted.transcript, chunks: ChunkPlan.standard.chunks(of: whole))
        return accepted.transcript
    }

    private func claimed(_ number: Int, of id: Transcript.ID, _ transaction: borrowing Transaction) throws
        -> ClaimedChunk
    {
        try #require(try transaction.claimChunk(number, of: id, leaseSeconds: 60))
    }

    private func borders(of id: Transcript.ID, _ transaction: borrowing Transaction) throws -> [Int] {
        try transaction.values(
            """
            SELECT unnest(ARRAY[start_ms, end_ms]) FROM production.transcript_chunks
            WHERE transcript_id = \(id) ORDER BY number
            """)
    }

    @Test func `a piece is told how far its cuts may move, and the ends of the recording do not`() throws {
        try withConnection { connection in
            try connection.transaction { transaction in
                let id = try planned(transaction)
                let first = try claimed(1, of: id, transaction)
                #expect(first.isStartSettled && !first.isEndSettled)
                #expect(first.reach == Span(startMilliseconds: 0, endMilliseconds: 460_000))
                let second = try claimed(2, of: id, transaction)
                #expect(second.looseStart == Span(startMilliseconds: 440_000, endMilliseconds: 460_000))
                #expect(second.reach == Span(startMilliseconds: 440_000, endMilliseconds: 910_000))
                let last = try claimed(4, of: id, transaction)
                #expect(!last.isStartSettled && last.isEndSettled)
            }
        }
    }

    @Test func `a cut moves for both of its sides, once, either way`() throws {
        try withConnection { connection in
            try connection.transaction { transaction in
                let id = try planned(transaction)
                #expect(try transaction.settleCut(after: 1, of: id, at: 455_000) == 455_000)
                #expect(try transaction.settleCut(after: 2, of: id, at: 891_000) == 891_000)
                #expect(try transaction.settleCut(after: 1, of: id, at: 444_000) == 455_000, "it is settled")
                #expect(
                    try borders(of: id, transaction)
                        == [0, 455_000, 455_000, 891_000, 891_000, 1_350_000, 1_350_000, 1_800_000])
                let second = try claimed(2, of: id, transaction)
                #expect(second.isStartSettled && second.isEndSettled)
                #expect(second.reach == second.fileSpan)
                #expect(second.span == Span(startMilliseconds: 455_000, endMilliseconds: 891_000))
            }
        }
    }

    @Test func `a cut that would leave a piece too long, or none of it, is refused`() throws {
        try withConnection { connection in
            let id = try connection.transaction { try planned($0) }
            for moment in [600_001, 0, 900_000] {
                #expect(throws: PostgresError.self) {
                    try connection.transaction { _ = try $0.settleCut(after: 1, of: id, at: moment) }
                }
            }
        }
    }

    @Test func `neighbours who hear different pauses at once agree on one`() throws {
        try withDatabase { database in
            let id = try database.connect().transaction { try planned($0) }
            let answers = try atOnce(24) { index, line in
                let worker = database.connect(as: "transcribe")
                try worker.warmUp()
                line.wait()
                return try worker.transaction(.readCommitted) { transaction in
                    // Each settles both cuts of a piece in the middle, as its worker does.
                    try (1 + index % 2...2 + index % 2).map {
                        try transaction.settleCut(after: $0, of: id, at: $0 * 450_000 + index)
                    }
                }
            }.successes()
            #expect(Set(answers.compactMap { $0.first { $0 < 800_000 } }).count == 1)
            #expect(Set(answers.compactMap { $0.first { (800_000..<1_200_000).contains($0) } }).count == 1)
            #expect(Set(answers.compactMap { $0.first { $0 >= 1_200_000 } }).count == 1)
            let borders: [Int] = try database.connect().transaction { transaction in
                try self.borders(of: id, transaction)
            }
            #expect(borders == borders.sorted() && Set(borders).count == 5, "\(borders)")
        }
    }
}
