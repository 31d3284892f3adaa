import Bookshop
import Postgres
import Records
import TestSupport
import Testing

/// What people do to a text that was heard.
@Suite struct CorrectionTests {
    /// A text of two pieces, in each of which two phrases are said.
    private func heard(_ transaction: borrowing Transaction) throws -> (
        Transcript.ID, Editor.ID, Audiobook.ID
    ) {
        let editor = try transaction.person("e", .editor)
        let accepted = try transaction.record(try transaction.draft("Emma", by: editor), by: editor)
        _ = try transaction.plan(
            accepted.transcript,
            chunks: [(0, 90_000), (90_000, 180_000)].map {
                Span(startMilliseconds: $0.0, endMilliseconds: $0.1)
            })
        try hear(1, of: accepted.transcript, ["would house", "handsome"], transaction)
        try hear(2, of: accepted.transcript, ["clever", "and rich"], transaction)
        return (accepted.transcript, editor, accepted.audiobook)
    }

    @discardableResult
    private func hear(
        _ number: Int, of id: Transcript.ID, _ phrases: [String], _ transaction: borrowing Transaction
    ) throws -> ChunkCompletion {
        let chunk = try #require(try transaction.claimChunk(number, of: id, leaseSeconds: 60))
        let said = phrases.enumerated().map { SpokenSegment.said($1, at: $0 * 1000) }
        return try transaction.complete(chunk, with: .heard(said))
    }

    private func correct(
        _ position: Int, of id: Transcript.ID, to text: String, by editor: Editor.ID,
        ifVersion version: Int = 1,
        _ transaction: borrowing Transaction
    ) throws -> Segment {
        try transaction.correct(
            position, of: id, to: try #require(SegmentText(text)), by: editor, ifVersion: version)
    }

    private func texts(_ id: Transcript.ID, _ transaction: borrowing Transaction) throws -> [String] {
        try transaction.segments(of: id, limit: 100).map(\.text)
    }

    @Test func `a correction is made once on the version it names, and what was heard is kept`() throws {
        try withConnection { connection in
            try connection.transaction { transaction in
                let (id, editor, _) = try heard(transaction)
                let corrected = try correct(1, of: id, to: "Woodhouse,", by: editor, transaction)
                #expect(corrected.version == 2)
                #expect(try transaction.segments(of: id, limit: 1) == [corrected])
                #expect(throws: CorrectionError.changedMeanwhile(version: 2)) {
                    try correct(1, of: id, to: "Would house", by: editor, transaction)
                }
                let again = try correct(1, of: id, to: "Woodhouse", by: editor, ifVersion: 2, transaction)
                #expect(again.version == 3)
                #expect(
                    try correct(1, of: id, to: "Woodhouse", by: editor, ifVersion: 3, transaction) == again,
                    "the same again is no correction")
                #expect(throws: CorrectionError.noSuchSegment) {
                    try correct(5, of: id, to: "more", by: editor, transaction)
                }
                let kept: String? = try transaction.value(
                    "SELECT heard_text FROM production.transcript_segments WHERE version = 3")
                #expect(kept == "would house", "as it was heard at first")
                let log = try transaction.auditLog(AuditQuery(action: "segment.corrected")).items
                #expect(
                    log.map(\.subject) == ["\(id)/1", "\(id)/1"] && log.allSatisfy { $0.actor == editor })
            }
        }
    }

    @Test func `one piece is heard again, and the rest stays as it was read and corrected`() throws {
        try withConnection { connection in
            try connection.transaction { transaction in
                let (id, editor, book) = try heard(transaction)
                _ = try correct(1, of: id, to: "Woodhouse,", by: editor, transaction)
                _ = try correct(4, of: id, to: "and poor", by: editor, transaction)
                #expect(try transaction.redo(chunk: 2, of: id, by: editor))
                #expect(try transaction.redo(chunk: 2, of: id, by: editor), "it waits still")
                #expect(try transaction.transcript(id)?.state == .ready)
                #expect(try texts(id, transaction) == ["Woodhouse,", "handsome", "clever", "and poor"])
                #expect(
                    try transaction.lostTranscriptionWork(idleSeconds: 0, limit: 9) == [.chunk(id, number: 2)]
                )
                #expect(try hear(2, of: id, ["clever,", "and very", "rich"], transaction) == .mended)
                #expect(
                    try texts(id, transaction) == ["Woodhouse,", "handsome", "clever,", "and very", "rich"])
                #expect(try transaction.segments(of: id, limit: 1).map(\.version) == [2])
                #expect(try transaction.readableTranscript(of: book).id == id)
                let told: Int? = try transaction.value(
                    "SELECT count(*) FROM plumbing.outbox WHERE topic = 'TranscriptionCompleted'")
                #expect(told == 1, "its summary is asked for once")
                #expect(throws: TranscriptError.noSuchChunk) {
                    try transaction.redo(chunk: 3, of: id, by: editor)
                }
            }
        }
    }

    @Test func `a text that is read stays when the piece that is heard again fails`() throws {
        try withConnection { connection in
            try connection.transaction { transaction in
                let (id, editor, _) = try heard(transaction)
                #expect(try transaction.redo(chunk: 1, of: id, by: editor))
                let chunk = try #require(try transaction.claimChunk(1, of: id, leaseSeconds: 60))
                #expect(try !transaction.redo(chunk: 1, of: id, by: editor), "somebody is at it")
                #expect(try transaction.fail(chunk, because: "refused", maximumAttempts: 1))
                #expect(try transaction.transcript(id)?.state == .ready)
                #expect(try texts(id, transaction).count == 4)
                #expect(try transaction.redo(chunk: 1, of: id, by: editor))
                #expect(try hear(1, of: id, ["Emma"], transaction) == .mended)
                #expect(try texts(id, transaction) == ["Emma", "clever", "and rich"])
            }
        }
    }

    @Test func `what is doubtful is approved by a person, or heard again`() throws {
        try withConnection { connection in
            try connection.transaction { transaction in
                let editor = try transaction.person("e", .editor)
                let accepted = try transaction.record(try transaction.draft("Emma", by: editor), by: editor)
                let id = accepted.transcript
                #expect(throws: TranscriptError.notInReview(.planned)) {
                    try transaction.approve(id, by: editor)
                }
                #expect(try transaction.hear([], in: id) == .needsReview)
                #expect(try transaction.transcript(id)?.flags == [.noSpeech])
                #expect(throws: TranscriptError.notReady) {
                    try transaction.readableTranscript(of: accepted.audiobook)
                }
                #expect(try transaction.redo(chunk: 1, of: id, by: editor))
                #expect(try transaction.transcript(id)?.state == .running)
                #expect(try hear(1, of: id, [], transaction) == .needsReview)
                try transaction.approve(id, by: editor)
                #expect(try transaction.wantSummaries(ofReady: id).isEmpty, "there is nothing to sum up")
                #expect(try transaction.readableTranscript(of: accepted.audiobook).id == id)
                try transaction.approve(id, by: editor)
                #expect(
                    try transaction.auditLog(AuditQuery(action: "transcript.approved")).items.count == 1)
            }
        }
    }

    /// Two phrases a page.
    private func read(
        _ window: TranscriptWindow, of id: Transcript.ID, _ transaction: borrowing Transaction
    ) throws -> String {
        var (read, cursor): (String, Cursor?) = ("", nil)
        repeat {
            let page = try transaction.segments(of: id, in: window, after: cursor, size: 2)
            read += page.items.map(\.text).joined()
            cursor = page.next
        } while cursor != nil
        return read
    }

    @Test func `a window holds what is said in it, page after page`() throws {
        try withConnection { connection in
            try connection.transaction { transaction in
                let editor = try transaction.person("e", .editor)
                let accepted = try transaction.record(
                    try transaction.draft("Emma", by: editor), by: editor,
                    chapters: [0, 60_000].map { ChapterMark(title: nil, startMilliseconds: $0) })
                let said = [(0, 0), (0, 500), (1000, 1900), (60_000, 61_000), (61_000, 61_000)].enumerated()
                    .map { SpokenSegment(text: "\($0)", startMilliseconds: $1.0, endMilliseconds: $1.1) }
                try transaction.hear(said, in: accepted.transcript)
                for (from, to, chapter, expected) in [
                    (0, nil, nil, "01234"), (1, nil, nil, "1234"), (499, nil, nil, "1234"),
                    (500, nil, nil, "234"), (1899, nil, nil, "234"), (1900, nil, nil, "34"),
                    (61_000, nil, nil, "4"), (61_001, nil, nil, ""), (0, 0, nil, ""), (0, 1, nil, "01"),
                    (0, 60_000, nil, "012"), (0, nil, 1, "012"), (60_500, nil, 2, "34"),
                ] as [(Int, Int?, Int?, String)] {
                    let window = TranscriptWindow(
                        fromMilliseconds: from, toMilliseconds: to, chapter: chapter)
                    #expect(try read(window, of: accepted.transcript, transaction) == expected, "\(window)")
                }
                let foreign = Cursor(list: "transcript", key: "1", id: accepted.edition.rawValue)
                #expect(throws: ForeignCursor()) {
                    try transaction.segments(
                        of: accepted.transcript, in: TranscriptWindow(), after: foreign, size: 2)
                }
            }
        }
    }
}
