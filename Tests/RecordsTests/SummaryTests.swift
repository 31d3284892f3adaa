import Bookshop
import Foundation
import Postgres
import Records
import TestSupport
import Testing

@Suite struct SummaryTests {
    private struct World {
        let book: Audiobook.ID
        let transcript: Transcript.ID
        /// Of the whole.
        let whole: Summary.ID
        let editor: Editor.ID

        func chapter(_ position: Int, _ transaction: borrowing Transaction) throws -> Summary.ID {
            try transaction.wantSummary(of: transcript, .chapter(position))
        }
    }

    /// A transcribed book of two chapters, with a phrase in each.
    private func transcribed(_ transaction: borrowing Transaction) throws -> World {
        let editor = try transaction.person("e", .editor)
        let book = try transaction.draft("Emma", by: editor)
        let marks = [0, 60_000].map { ChapterMark(title: nil, startMilliseconds: $0) }
        let id = try transaction.record(book, by: editor, chapters: marks).transcript
        let heard = [SpokenSegment.said("Emma Woodhouse,", at: 0), .said("handsome, clever.", at: 60_000)]
        #expect(try transaction.hear(heard, in: id) == .assembled)
        return World(
            book: book, transcript: id, whole: try transaction.wantSummaries(of: id), editor: editor)
    }

    private static let price = WritingCost(calls: 1, tokensRead: 10, tokensWritten: 5, nanodollars: 1500)

    /// Answers what may be written after it.
    @discardableResult
    private func write(
        _ text: String, as id: Summary.ID, _ transaction: borrowing Transaction
    ) throws -> Summary.ID? {
        let claimed = try #require(try transaction.claimSummary(id, leaseSeconds: 60))
        return try transaction.store(
            Writing(model: "gpt", text: text), promptVersion: "3", cost: Self.price, for: claimed)
    }

    @Test func `a book is summed up chapter by chapter, and the whole when the last is written`() throws {
        try withConnection { connection in
            try connection.transaction { transaction in
                let world = try transcribed(transaction)
                let first = try world.chapter(1, transaction), second = try world.chapter(2, transaction)
                #expect(try transaction.dueSummaries(of: world.transcript) == [first, second])
                #expect(try transaction.wantSummaries(of: world.transcript) == world.whole, "asked for once")
                #expect(
                    try transaction.claimSummary(world.whole, leaseSeconds: 60) == nil, "its time is to come")
                #expect(
                    try Set(transaction.lostSummaries(idleSeconds: 0, limit: 9)) == [first, second],
                    "nor is it lost")
                let claimed = try #require(try transaction.claimSummary(first, leaseSeconds: 60))
                #expect(try transaction.sources(for: claimed) == [.phrases(["Emma Woodhouse,"])])
                let writing = Writing(model: "gpt", text: "Of Emma.")
                #expect(
                    try transaction.store(writing, promptVersion: "3", cost: .nothing, for: claimed) == nil)
                #expect(try transaction.dueSummaries(of: world.transcript) == [second])
                #expect(try write("Of her looks.", as: second, transaction) == world.whole)
                let whole = try #require(try transaction.claimSummary(world.whole, leaseSeconds: 60))
                #expect(try transaction.sources(for: whole) == [.told("Of Emma."), .told("Of her looks.")])
            }
        }
    }

    @Test func `a chapter that is given up is told by its words, and keeps nobody waiting`() throws {
        try withConnection { connection in
            try connection.transaction { transaction in
                let world = try transcribed(transaction)
                let first = try world.chapter(1, transaction), second = try world.chapter(2, transaction)
                try write("Of her looks.", as: second, transaction)
                let claimed = try #require(try transaction.claimSummary(first, leaseSeconds: 60))
                let (isLast, due) = try transaction.fail(
                    claimed, because: "refused", cost: .nothing, maximumAttempts: 1)
                #expect(isLast && due == world.whole)
                let whole = try #require(try transaction.claimSummary(world.whole, leaseSeconds: 60))
                #expect(
                    try transaction.sources(for: whole) == [
                        .phrases(["Emma Woodhouse,"]), .told("Of her looks."),
                    ])
            }
        }
    }

    /// Each of them sees the other at work unless they wait for each other: then nobody would be the last.
    @Test func `of those who write the last chapters at once, one begins the whole`() throws {
        try withDatabase { database in
            let (world, chapters) = try database.connect().transaction { transaction in
                let world = try transcribed(transaction)
                return (world, try [1, 2].map { try world.chapter($0, transaction) })
            }
            let outcomes = atOnce(chapters.count) { index, line in
                let worker = database.connect(as: "summarise")
                let claimed = try worker.transaction(.readCommitted) {
                    try $0.claimSummary(chapters[index], leaseSeconds: 60)
                }
                let summary = try #require(claimed)
                line.wait()
                return try worker.transaction(.readCommitted) {
                    try $0.store(
                        Writing(model: "gpt", text: "x"), promptVersion: "3", cost: .nothing, for: summary)
                }
            }
            #expect(try outcomes.successes().compactMap { $0 } == [world.whole])
        }
    }

    @Test func `a summary is written, approved, and only then shown`() throws {
        try withConnection { connection in
            try connection.transaction { transaction in
                let world = try transcribed(transaction)
                let wanted = try world.chapter(1, transaction)
                #expect(throws: SummaryError.notADraft(.wanted)) {
                    try transaction.approve(wanted, by: world.editor)
                }
                let claimed = try #require(try transaction.claimSummary(wanted, leaseSeconds: 60))
                #expect(try transaction.claimSummary(wanted, leaseSeconds: 60) == nil)
                #expect(claimed.title == "Emma" && claimed.scope == .chapter(1))
                _ = try transaction.store(
                    Writing(model: "gpt", text: "A matchmaker errs."), promptVersion: "3", cost: Self.price,
                    for: claimed)
                #expect(try transaction.approvedSummary(of: world.book, .chapter(1)) == nil)
                try transaction.approve(wanted, by: world.editor)
                try transaction.approve(wanted, by: world.editor)
                let shown = try #require(try transaction.approvedSummary(of: world.book, .chapter(1)))
                #expect(shown.text == "A matchmaker errs." && shown.approvedBy == world.editor)
                #expect(shown.model == "gpt" && shown.promptVersion == "3" && shown.cost == Self.price)
                #expect(throws: SummaryError.notADraft(.approved)) {
                    try transaction.reject(wanted, by: world.editor)
                }
                #expect(throws: SummaryError.noSuchSummary) {
                    try transaction.approve(Summary.ID(), by: world.editor)
                }
            }
        }
    }

    @Test func `written anew, a draft goes at once and what is shown only for what is approved`() throws {
        try withConnection { connection in
            try connection.transaction { transaction in
                let world = try transcribed(transaction)
                let first = try world.chapter(1, transaction)
                #expect(try transaction.regenerate(first, by: world.editor) == first, "it waits already")
                try write("one", as: first, transaction)
                let second = try transaction.regenerate(first, by: world.editor)
                #expect(second != first)
                #expect(try transaction.summary(first)?.state == .rejected)
                #expect(try transaction.regenerate(first, by: world.editor) == second, "asked for once")
                try write("two", as: second, transaction)
                try transaction.approve(second, by: world.editor)
                let third = try transaction.regenerate(second, by: world.editor)
                #expect(try transaction.approvedSummary(of: world.book, .chapter(1))?.text == "two")
                try write("three", as: third, transaction)
                try transaction.approve(third, by: world.editor)
                #expect(try transaction.approvedSummary(of: world.book, .chapter(1))?.text == "three")
                #expect(try transaction.summary(second)?.state == .superseded)
            }
        }
    }

    @Test func `all that were ever written are listed, page by page`() throws {
        try withConnection { connection in
            try connection.transaction { transaction in
                let world = try transcribed(transaction)
                try write("one", as: try world.chapter(1, transaction), transaction)
                var (seen, cursor): ([Summary.ID], Cursor?) = ([], nil)
                repeat {
                    let page = try transaction.summaries(
                        of: world.book, after: cursor, size: try #require(PageSize(rawValue: 1)))
                    seen += page.items.map(\.id)
                    cursor = page.next
                } while cursor != nil
                #expect(seen.count == 3 && Set(seen).count == 3)
                #expect(try transaction.summaries(of: world.book, in: .draft).items.map(\.text) == ["one"])
                let foreign = Cursor(list: "people", key: Date().sqlText, id: world.book.rawValue)
                #expect(throws: ForeignCursor()) {
                    try transaction.summaries(of: world.book, after: foreign)
                }
            }
        }
    }

    @Test func `writing is tried again, and given up, and all of it is counted`() throws {
        try withConnection { connection in
            try connection.transaction { transaction in
                let world = try transcribed(transaction)
                let id = try world.chapter(1, transaction)
                let lost = try #require(try transaction.claimSummary(id, leaseSeconds: 0))
                #expect(try transaction.lostSummaries(idleSeconds: 60, limit: 10).isEmpty)
                #expect(try transaction.lostSummaries(idleSeconds: 0, limit: 10).contains(id))
                let claimed = try #require(try transaction.claimSummary(id, leaseSeconds: 60))
                #expect(throws: LeaseLost()) {
                    try transaction.store(
                        Writing(model: "gpt", text: "late"), promptVersion: "3", cost: .nothing, for: lost)
                }
                #expect(
                    try !transaction.fail(
                        claimed, because: "throttled", cost: Self.price, maximumAttempts: 3
                    ).isLast)
                let last = try #require(try transaction.claimSummary(id, leaseSeconds: 60))
                #expect(
                    try transaction.fail(last, because: "throttled", cost: Self.price, maximumAttempts: 3)
                        .isLast)
                let failed = try #require(try transaction.summary(id))
                #expect(failed.state == .failed && failed.failure == "throttled")
                #expect(failed.cost.calls == 2 && failed.cost.nanodollars == 3000)
                #expect(try world.chapter(1, transaction) != id)
                #expect(throws: SummaryError.noTranscript) {
                    try transaction.wantSummary(of: Transcript.ID(), .book)
                }
                #expect(throws: SummaryError.noSuchChapter) { try world.chapter(3, transaction) }
            }
        }
    }
}
