import Bookshop
import Foundation
import Postgres
import Records
import TestSupport
import Testing

@Suite struct ShopWindowTests {
    private func chapters(_ ends: [Int]) -> [Chapter] {
        zip([0] + ends, ends).map { start, end in
            Chapter(title: "To \(end)", span: Span(startMilliseconds: start, endMilliseconds: end))
        }
    }

    private func version(of book: Audiobook.ID, _ transaction: borrowing Transaction) throws -> Int {
        try transaction.audiobook(.id(book), in: .eur, seenBy: .editor)?.version ?? 0
    }

    /// A book of three minutes with chapters of a minute, transcribed and summed up.
    private func told(_ transaction: borrowing Transaction) throws -> (
        Audiobook.ID, AcceptedUpload, Editor.ID
    ) {
        let editor = try transaction.person("e", .editor)
        let book = try transaction.draft("Emma", by: editor)
        let marks = [0, 60_000, 120_000].map { ChapterMark(title: nil, startMilliseconds: $0) }
        let recording = try transaction.record(book, by: editor, chapters: marks)
        let whole = [Span(startMilliseconds: 0, endMilliseconds: 180_000)]
        _ = try transaction.plan(recording.transcript, chunks: whole)
        let chunk = try #require(try transaction.claimChunk(1, of: recording.transcript, leaseSeconds: 60))
        let heard = [0, 59_000, 60_000, 119_000, 120_000].map { start in
            SpokenSegment(text: "at \(start)", startMilliseconds: start, endMilliseconds: start + 500)
        }
        _ = try transaction.complete(
            chunk, with: SpokenText(model: "whisper-1", language: "en", segments: heard))
        return (book, recording, editor)
    }

    private func approve(
        _ scope: Summary.Scope, of transcript: Transcript.ID, by editor: Editor.ID,
        _ transaction: borrowing Transaction
    ) throws {
        let id = try transaction.wantSummary(of: transcript, scope)
        let claimed = try #require(try transaction.claimSummary(id, leaseSeconds: 60))
        _ = try transaction.store(
            Writing(model: "gpt", text: "Of \(scope.chapter)."), promptVersion: "3", cost: .nothing,
            for: claimed)
        try transaction.approve(id, by: editor)
    }

    @Test func `corrected chapters are a new edition of the same files, and the words go along`() throws {
        try withConnection { connection in
            try connection.transaction { transaction in
                let (book, recording, editor) = try told(transaction)
                for scope in [Summary.Scope.chapter(1), .chapter(2), .chapter(3), .book] {
                    try approve(scope, of: recording.transcript, by: editor, transaction)
                }
                let before = try version(of: book, transaction)
                // The first is split, the second goes, the third stays where it was.
                try transaction.correct(
                    book, to: chapters([30_000, 120_000, 180_000]), by: editor, ifVersion: before)
                let edition = try #require(try transaction.currentEdition(of: book))
                #expect(edition != recording.edition)
                #expect(
                    try transaction.tracks(of: edition).map(\.asset)
                        == transaction.tracks(of: recording.edition).map(\.asset))
                let job = try #require(try transaction.transcript(of: book))
                #expect(job.id == recording.transcript && job.state == .ready, "nothing is billed again")
                #expect(
                    try transaction.segments(of: job.id, limit: 9).map(\.chapter) == [1, 2, 2, 2, 3],
                    "each phrase is in the chapter it is said in")
                #expect(try transaction.approvedSummary(of: book)?.text == "Of 0.")
                #expect(try transaction.approvedSummary(of: book, .chapter(3))?.text == "Of 3.")
                #expect(try transaction.approvedSummary(of: book, .chapter(1)) == nil)
                #expect(try transaction.approvedSummary(of: book, .chapter(2)) == nil)
                #expect(
                    try transaction.chapters(of: recording.edition).count == 3, "the old edition stays sealed"
                )
                #expect(try version(of: book, transaction) == before + 1)
            }
        }
    }

    @Test func `summaries of chapters that move take their new numbers`() throws {
        try withConnection { connection in
            try connection.transaction { transaction in
                let (book, recording, editor) = try told(transaction)
                for chapter in 1...3 {
                    try approve(.chapter(chapter), of: recording.transcript, by: editor, transaction)
                }
                let waiting = try transaction.wantSummary(of: recording.transcript, .chapter(1))
                _ = try transaction.claimSummary(waiting, leaseSeconds: 60)
                try transaction.correct(
                    book, to: chapters([10_000, 60_000, 120_000, 180_000]), by: editor,
                    ifVersion: try version(of: book, transaction))
                #expect(try transaction.approvedSummary(of: book, .chapter(3))?.text == "Of 2.")
                #expect(try transaction.approvedSummary(of: book, .chapter(4))?.text == "Of 3.")
                #expect(try transaction.summary(waiting)?.state == .superseded)
            }
        }
    }

    @Test func `the same chapters change nothing, and a stale correction is refused`() throws {
        try withConnection { connection in
            try connection.transaction { transaction in
                let (book, recording, editor) = try told(transaction)
                let now = try version(of: book, transaction)
                let same = try transaction.chapters(of: recording.edition)
                try transaction.correct(book, to: same, by: editor, ifVersion: now)
                #expect(try transaction.currentEdition(of: book) == recording.edition)
                #expect(throws: CatalogueError.changedMeanwhile(version: now)) {
                    try transaction.correct(book, to: same, by: editor, ifVersion: now - 1)
                }
                let bare = try transaction.draft("Persuasion", by: editor)
                #expect(throws: CatalogueError.noRecording) {
                    try transaction.correct(bare, to: same, by: editor, ifVersion: 1)
                }
            }
        }
    }

    @Test func `a text that is put together while chapters change is told by one or the other`() throws {
        try withDatabase { database in
            let (book, recording, editor) = try database.connect().transaction { transaction in
                let editor = try transaction.person("e", .editor)
                let book = try transaction.draft("Emma", by: editor)
                let recording = try transaction.record(book, by: editor)
                _ = try transaction.plan(
                    recording.transcript, chunks: [Span(startMilliseconds: 0, endMilliseconds: 180_000)])
                return (book, recording, editor)
            }
            _ = try atOnce(2) { index, line in
                let connection = database.connect()
                try connection.warmUp()
                if index == 0 {
                    let chunk = try connection.transaction {
                        try #require(try $0.claimChunk(1, of: recording.transcript, leaseSeconds: 60))
                    }
                    line.wait()
                    _ = try connection.transaction(.readCommitted) { transaction in
                        try transaction.complete(
                            chunk,
                            with: SpokenText(
                                model: "w", language: nil,
                                segments: [
                                    SpokenSegment(
                                        text: "late", startMilliseconds: 170_000, endMilliseconds: 170_500)
                                ]))
                    }
                } else {
                    line.wait()
                    try connection.transaction { transaction in
                        try transaction.correct(
                            book, to: chapters([90_000, 180_000]), by: editor,
                            ifVersion: try version(of: book, transaction))
                    }
                }
            }.successes()
            try database.connect().transaction { transaction in
                let job = try #require(try transaction.transcript(of: book))
                #expect(try transaction.segments(of: job.id, limit: 9).map(\.chapter) == [2])
            }
        }
    }

    @Test func `a second recording of a book on sale is a new edition, whole or not at all`() throws {
        try withConnection { connection in
            let (book, editor, first) = try connection.transaction { transaction in
                let editor = try transaction.person("e", .editor)
                let book = try transaction.published("Emma", by: editor)
                return (book, editor, try transaction.currentEdition(of: book))
            }
            struct Broken: Error {}
            #expect(throws: Broken.self) {
                try connection.transaction { transaction in
                    try transaction.record(book, by: editor, durationMilliseconds: 60_000)
                    throw Broken()
                }
            }
            try connection.transaction { transaction in
                #expect(try transaction.currentEdition(of: book) == first)
                let second = try transaction.record(book, by: editor, durationMilliseconds: 60_000)
                let page = try #require(try transaction.audiobook(.id(book), in: .eur, seenBy: .anyone))
                #expect(page.edition == second.edition && page.durationMilliseconds == 60_000)
                #expect(page.state == .published)
            }
        }
    }

    @Test func `the very file a book plays is no other edition, and its words are not billed again`() throws {
        try withConnection { connection in
            try connection.transaction { transaction in
                let (book, recording, editor) = try told(transaction)
                try transaction.correct(
                    book, to: chapters([180_000]), by: editor, ifVersion: try version(of: book, transaction))
                let track = try #require(try transaction.tracks(of: recording.edition).first)
                let upload = try transaction.requestUpload(
                    of: DeclaredFile(
                        name: "again.m4b", mediaType: "audio/mp4", bytes: track.asset.bytes,
                        sha256: track.asset.checksum.digest), for: book, by: editor, under: .random,
                    to: "media",
                    expiresAt: Date(timeIntervalSinceNow: 60))
                _ = try transaction.beginVerifying(upload.id)
                let probe = AudioProbe(
                    mediaType: "audio/mp4", codec: "aac", durationMilliseconds: 180_000)
                let again = try transaction.accept(upload.id, as: probe)
                #expect(try again.edition == transaction.currentEdition(of: book))
                #expect(again.transcript == recording.transcript)
                #expect(try transaction.chapters(of: again.edition).count == 1, "corrections stay")
                #expect(try transaction.value("SELECT count(*) FROM production.transcripts") == 1)
            }
        }
    }
}
