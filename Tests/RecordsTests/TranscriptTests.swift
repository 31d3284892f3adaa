import Bookshop
import Foundation
import Postgres
import Records
import TestSupport
import Testing

@Suite struct TranscriptRecordsTests {
    private func text(_ words: String...) -> SpokenText {
        SpokenText(
            model: "whisper-1", language: "en",
            segments: words.enumerated().map {
                SpokenSegment(
                    text: $1, startMilliseconds: $0 * 1000, endMilliseconds: $0 * 1000 + 900,
                    words: [SpokenWord(text: $1, startMilliseconds: $0 * 1000, endMilliseconds: 900)])
            })
    }

    /// A transcript of three minutes in so many pieces.
    private func planned(_ transaction: borrowing Transaction, pieces: Int) throws -> AcceptedUpload {
        let editor = try transaction.person("e", .editor)
        let accepted = try transaction.record(
            try transaction.draft("Emma", by: editor), by: editor,
            chapters: [0, 60_000].map { ChapterMark(title: nil, startMilliseconds: $0) })
        let length = 180_000 / pieces
        let chunks = (0..<pieces).map {
            Span(
                startMilliseconds: $0 * length,
                endMilliseconds: $0 == pieces - 1 ? 180_000 : ($0 + 1) * length)
        }
        #expect(try transaction.plan(accepted.transcript, chunks: chunks) == Array(1...pieces))
        return accepted
    }

    @Test func `pieces are claimed, heard and put together`() throws {
        try withConnection { connection in
            try connection.transaction { transaction in
                let accepted = try planned(transaction, pieces: 2)
                let id = accepted.transcript
                let second = try #require(try transaction.claimChunk(2, of: id, leaseSeconds: 60))
                #expect(second.fileSpan == Span(startMilliseconds: 90_000, endMilliseconds: 180_000))
                #expect(second.attempt == 1 && second.asset.mediaType == "audio/mp4")
                #expect(try transaction.claimChunk(2, of: id, leaseSeconds: 60) == nil, "it is leased")
                #expect(try transaction.complete(second, with: text("c", "d")) == .remaining(1))
                #expect(try transaction.claimChunk(2, of: id, leaseSeconds: 60) == nil, "it is done")
                #expect(try transaction.transcript(id)?.progress.percent == 50)

                let first = try #require(try transaction.claimChunk(1, of: id, leaseSeconds: 60))
                #expect(try transaction.complete(first, with: text("a", "b")) == .assembled)
                #expect(try transaction.transcript(id)?.state == .ready)
                let segments = try transaction.segments(of: id, limit: 100)
                #expect(segments.map(\.text) == ["a", "b", "c", "d"])
                #expect(segments.map(\.span.startMilliseconds) == [0, 1000, 90_000, 91_000])
                #expect(segments.map(\.chapter) == [1, 1, 2, 2])
                #expect(segments[3].words.map(\.text) == ["d"])
                #expect(
                    try transaction.segments(
                        of: id, in: TranscriptWindow(fromMilliseconds: 1900), limit: 1
                    ).map(\.text) == ["c"])
                #expect(throws: LeaseLost()) { try transaction.complete(first, with: text("x")) }
            }
        }
    }

    @Test func `a plan holds as it was made first, and lies within the recording`() throws {
        try withConnection { connection in
            try connection.transaction { transaction in
                let accepted = try planned(transaction, pieces: 3)
                let other = [Span(startMilliseconds: 0, endMilliseconds: 180_000)]
                #expect(try transaction.plan(accepted.transcript, chunks: other) == [1, 2, 3])
                #expect(throws: TranscriptError.noSuchTranscript) {
                    try transaction.plan(Transcript.ID(), chunks: other)
                }
            }
            #expect(throws: TranscriptError.planOutsideTracks) {
                try connection.transaction { transaction in
                    let editor = try transaction.person("e", .editor)
                    let accepted = try transaction.record(
                        try transaction.draft("Persuasion", by: editor), by: editor)
                    _ = try transaction.plan(
                        accepted.transcript, chunks: [Span(startMilliseconds: 0, endMilliseconds: 180_001)])
                }
            }
        }
    }

    @Test func `workers who finish at once put the text together once`() throws {
        try withDatabase { database in
            let connection = database.connect()
            let accepted = try connection.transaction { try planned($0, pieces: 12) }
            let done = atOnce(12) { index, line in
                let worker = database.connect(as: "transcribe")
                let claimed = try worker.transaction(.readCommitted) {
                    try $0.claimChunk(index + 1, of: accepted.transcript, leaseSeconds: 60)
                }
                let chunk = try #require(claimed)
                line.wait()
                return try worker.transaction(.readCommitted) { try $0.complete(chunk, with: text("w")) }
            }
            let completions = try done.successes()
            let assembled = completions.filter { $0 == .assembled }
            #expect(assembled.count == 1)
            #expect(Set(completions).count == 12, "each saw another number of pieces remain")
            try connection.transaction { transaction throws in
                #expect(try transaction.segments(of: accepted.transcript, limit: 100).count == 12)
                #expect(
                    try transaction.value(
                        "SELECT count(*) FROM plumbing.outbox WHERE topic = 'TranscriptionCompleted'") == 1)
            }
        }
    }

    @Test func `a worker that does not come back loses its piece`() throws {
        try withConnection { connection in
            try connection.transaction { transaction in
                let id = try planned(transaction, pieces: 1).transcript
                let lost = try #require(try transaction.claimChunk(1, of: id, leaseSeconds: 0))
                let taken = try #require(try transaction.claimChunk(1, of: id, leaseSeconds: 60))
                #expect(taken.attempt == 2)
                #expect(throws: LeaseLost()) { try transaction.complete(lost, with: text("late")) }
                #expect(throws: LeaseLost()) {
                    try transaction.fail(lost, because: "late", maximumAttempts: 1)
                }
                #expect(try transaction.complete(taken, with: text("in time")) == .assembled)
            }
        }
    }

    @Test func `a piece is tried again, then given up with its transcript, then begun anew`() throws {
        try withConnection { connection in
            try connection.transaction { transaction in
                let accepted = try planned(transaction, pieces: 2)
                let id = accepted.transcript
                for attempt in 1...2 {
                    let chunk = try #require(try transaction.claimChunk(1, of: id, leaseSeconds: 60))
                    #expect(
                        try transaction.fail(chunk, because: "throttled", maximumAttempts: 2)
                            == (attempt == 2))
                }
                #expect(try transaction.transcript(id)?.state == .failed)
                #expect(try transaction.transcript(id)?.failure == "throttled")
                #expect(try transaction.claimChunk(2, of: id, leaseSeconds: 60) == nil)
                #expect(try transaction.startTranscript(of: accepted.audiobook) == id)
                #expect(try transaction.transcript(id)?.state == .running)
                #expect(try transaction.claimChunk(1, of: id, leaseSeconds: 60)?.attempt == 1)
            }
        }
    }

    @Test func `where nobody was heard a person must look`() throws {
        try withConnection { connection in
            try connection.transaction { transaction in
                let id = try planned(transaction, pieces: 1).transcript
                let chunk = try #require(try transaction.claimChunk(1, of: id, leaseSeconds: 60))
                #expect(try transaction.complete(chunk, with: text()) == .needsReview)
                #expect(try transaction.transcript(id)?.state == .needsReview)
            }
        }
    }

    @Test func `a transcript is started for a recording, and once`() throws {
        try withConnection { connection in
            try connection.transaction { transaction in
                let editor = try transaction.person("e", .editor)
                let book = try transaction.draft("Emma", by: editor)
                #expect(throws: TranscriptError.noSuchBook) {
                    try transaction.startTranscript(of: Audiobook.ID())
                }
                #expect(throws: TranscriptError.noRecording) { try transaction.startTranscript(of: book) }
                let accepted = try transaction.record(book, by: editor)
                #expect(try transaction.startTranscript(of: book) == accepted.transcript)
                try transaction.fail(accepted.transcript, because: "unreadable")
                #expect(try transaction.startTranscript(of: book) == accepted.transcript)
                #expect(try transaction.transcript(of: book)?.state == .planned)
            }
        }
    }

    @Test func `lost work is found once, and not while it is young or in hand`() throws {
        try withConnection { connection in
            let id = try connection.transaction { try planned($0, pieces: 3).transcript }
            try connection.transaction { transaction in
                _ = try transaction.claimChunk(1, of: id, leaseSeconds: 60)
                _ = try transaction.claimChunk(2, of: id, leaseSeconds: 0)
                #expect(try transaction.lostTranscriptionWork(idleSeconds: 60, limit: 10).isEmpty)
                let lost = try transaction.lostTranscriptionWork(idleSeconds: 0, limit: 10)
                #expect(Set(lost) == [.chunk(id, number: 2), .chunk(id, number: 3)])
                #expect(try transaction.lostTranscriptionWork(idleSeconds: 60, limit: 10).isEmpty)
                let editor = try transaction.person("e", .editor)
                let other = try transaction.record(
                    try transaction.draft("Persuasion", by: editor), by: editor)
                #expect(
                    try transaction.lostTranscriptionWork(idleSeconds: 0, limit: 1).first
                        == .plan(other.transcript))
            }
        }
    }
}
