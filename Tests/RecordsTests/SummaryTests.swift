import Bookshop
import Foundation
import Postgres
import Records
import TestSupport
import Testing

@Suite struct SummaryTests {
    /// A transcribed book and the summary wanted of it.
    private func transcribed(
        _ transaction: borrowing Transaction
    ) throws -> (book: Audiobook.ID, transcript: Transcript.ID, summary: Summary.ID) {
        let editor = try transaction.person("e", .editor)
        let book = try transaction.draft("Emma", by: editor)
        let id = try transaction.record(book, by: editor).transcript
        _ = try transaction.plan(id, chunks: [Span(startMilliseconds: 0, endMilliseconds: 180_000)])
        let chunk = try #require(try transaction.claimChunk(1, of: id, leaseSeconds: 60))
        let heard = ["Emma Woodhouse,", "handsome, clever, and rich."].enumerated().map {
            SpokenSegment(text: $1, startMilliseconds: $0 * 1000, endMilliseconds: $0 * 1000 + 1000)
        }
        let text = SpokenText(model: "whisper-1", language: "en", segments: heard)
        #expect(try transaction.complete(chunk, with: text) == .assembled)
        return (book, id, try transaction.wantSummary(of: id, .book))
    }

    @Test func `a summary is written, approved, and only then shown`() throws {
        try withConnection { connection in
            try connection.transaction { transaction in
                let (book, transcript, wanted) = try transcribed(transaction)
                let editor = try transaction.person("e")
                #expect(try transaction.wantSummary(of: transcript, .book) == wanted)
                #expect(throws: SummaryError.notADraft(.wanted)) {
                    try transaction.approve(wanted, by: editor)
                }
                let claimed = try #require(try transaction.claimSummary(wanted, leaseSeconds: 60))
                #expect(try transaction.claimSummary(wanted, leaseSeconds: 60) == nil)
                #expect(claimed.title == "Emma" && claimed.scope == .book)
                #expect(
                    try transaction.phrases(for: claimed) == [
                        "Emma Woodhouse,", "handsome, clever, and rich.",
                    ])
                try transaction.store(
                    Writing(model: "gpt", text: "A matchmaker errs."), promptVersion: "2", for: claimed)
                #expect(try transaction.approvedSummary(of: book) == nil)
                try transaction.approve(wanted, by: editor)
                try transaction.approve(wanted, by: editor)
                let shown = try #require(try transaction.approvedSummary(of: book))
                #expect(
                    shown.text == "A matchmaker errs." && shown.model == "gpt" && shown.promptVersion == "2")
                #expect(shown.approvedBy == editor)
                #expect(throws: SummaryError.notADraft(.approved)) {
                    try transaction.reject(wanted, by: editor)
                }
                #expect(throws: SummaryError.noSuchSummary) {
                    try transaction.approve(Summary.ID(), by: editor)
                }
            }
        }
    }

    @Test func `the next one that is approved takes the place of the last`() throws {
        try withConnection { connection in
            try connection.transaction { transaction in
                let (book, transcript, first) = try transcribed(transaction)
                let editor = try transaction.person("e")
                for (id, text) in [
                    (first, "one"), (nil, "two"),
                ] {
                    let id = try id ?? transaction.wantSummary(of: transcript, .book)
                    let claimed = try #require(try transaction.claimSummary(id, leaseSeconds: 60))
                    try transaction.store(Writing(model: "gpt", text: text), promptVersion: "2", for: claimed)
                    try transaction.approve(id, by: editor)
                    #expect(try transaction.approvedSummary(of: book)?.text == text)
                }
                #expect(try transaction.summary(first)?.state == .superseded)
                #expect(try transaction.summaries(of: book, limit: 10).count == 2)
            }
        }
    }

    @Test func `writing is tried again, and given up`() throws {
        try withConnection { connection in
            try connection.transaction { transaction in
                let (_, transcript, id) = try transcribed(transaction)
                let lost = try #require(try transaction.claimSummary(id, leaseSeconds: 0))
                #expect(try transaction.lostSummaries(idleSeconds: 60, limit: 10).isEmpty)
                #expect(try transaction.lostSummaries(idleSeconds: 0, limit: 10) == [id])
                let claimed = try #require(try transaction.claimSummary(id, leaseSeconds: 60))
                #expect(throws: LeaseLost()) {
                    try transaction.store(Writing(model: "gpt", text: "late"), promptVersion: "2", for: lost)
                }
                #expect(try !transaction.fail(claimed, because: "throttled", maximumAttempts: 3))
                let last = try #require(try transaction.claimSummary(id, leaseSeconds: 60))
                #expect(try transaction.fail(last, because: "throttled", maximumAttempts: 3))
                #expect(try transaction.summary(id)?.state == .failed)
                #expect(try transaction.wantSummary(of: transcript, .book) != id)
                #expect(throws: SummaryError.noTranscript) {
                    try transaction.wantSummary(of: Transcript.ID(), .book)
                }
            }
        }
    }
}
