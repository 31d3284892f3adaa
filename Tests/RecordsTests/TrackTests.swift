import Bookshop
import Foundation
import Postgres
import Records
import TestSupport
import Testing

@Suite struct TrackTests {
    private func sent(
        _ transaction: borrowing Transaction, _ name: String, for book: Audiobook.ID, by editor: Editor.ID,
        bytes: UInt8
    ) throws -> Upload.ID {
        try transaction.requestUpload(
            of: DeclaredFile(
                name: name, mediaType: "audio/mpeg", bytes: 1000,
                checksum: .whole([UInt8](repeating: bytes, count: 32)), purpose: .track),
            for: book, by: editor, under: .random, to: "media", expiresAt: Date(timeIntervalSinceNow: 60)
        ).id
    }

    private func track(
        _ transaction: borrowing Transaction, _ name: String, for book: Audiobook.ID, by editor: Editor.ID,
        bytes: UInt8, milliseconds: Int = 60_000, chapters: [ChapterMark] = []
    ) throws -> Upload.ID {
        let id = try sent(transaction, name, for: book, by: editor, bytes: bytes)
        _ = try transaction.beginVerifying(id)
        let probe = AudioProbe(
            mediaType: "audio/mpeg", codec: "mp3", durationMilliseconds: milliseconds, chapters: chapters)
        try transaction.accept(id, asTrack: probe)
        try transaction.accept(id, asTrack: probe)
        return id
    }

    private func world(_ transaction: borrowing Transaction) throws -> (Audiobook.ID, Editor.ID) {
        let editor = try transaction.person("e", .editor)
        return (try transaction.draft("Emma", by: editor), editor)
    }

    @Test func `tracks in order become the recording, and in another order another one`() throws {
        try withConnection { connection in
            try connection.transaction { transaction in
                let (book, editor) = try world(transaction)
                let one = try track(transaction, "01 One.mp3", for: book, by: editor, bytes: 1)
                let marks = [
                    ChapterMark(title: "Two", startMilliseconds: 0),
                    ChapterMark(title: "Three", startMilliseconds: 10_000),
                ]
                let two = try track(
                    transaction, "02.mp3", for: book, by: editor, bytes: 2, milliseconds: 30_000,
                    chapters: marks)
                #expect(try transaction.upload(one)?.state == .ready)
                #expect(try transaction.upload(one)?.edition == nil)
                #expect(try transaction.currentEdition(of: book) == nil, "a track is no recording")

                let first = try transaction.record(book, from: [one, two], by: editor)
                #expect(try transaction.currentEdition(of: book) == first.edition)
                #expect(try transaction.chapters(of: first.edition).map(\.title) == ["One", "Two", "Three"])
                let tracks = try transaction.tracks(of: first.edition)
                #expect(tracks.map(\.span.startMilliseconds) == [0, 60_000])
                #expect(tracks.map(\.span.endMilliseconds) == [60_000, 90_000])
                #expect(try transaction.transcript(first.transcript)?.state == .planned)

                let again = try transaction.record(book, from: [one, two], by: editor)
                #expect(again == first, "what it plays already changes nothing")
                let turned = try transaction.record(book, from: [two, one], by: editor)
                #expect(turned.edition != first.edition)
                #expect(try transaction.transcript(first.transcript)?.state == .cancelled)
                #expect(try transaction.chapters(of: turned.edition).map(\.title) == ["Two", "Three", "One"])
            }
        }
    }

    @Test func `a piece of a later track is found in its own file`() throws {
        try withConnection { connection in
            try connection.transaction { transaction in
                let (book, editor) = try world(transaction)
                let tracks = try (1...3).map {
                    try track(transaction, "\($0).mp3", for: book, by: editor, bytes: UInt8($0))
                }
                let made = try transaction.record(book, from: tracks, by: editor)
                let spans = [0, 60_000, 120_000, 150_000].map {
                    Span(startMilliseconds: $0, endMilliseconds: $0 < 120_000 ? $0 + 60_000 : $0 + 30_000)
                }
                #expect(try transaction.plan(made.transcript, chunks: spans) == [1, 2, 3, 4])
                for number in 1...4 {
                    let chunk = try #require(
                        try transaction.claimChunk(number, of: made.transcript, leaseSeconds: 60))
                    #expect(chunk.fileSpan.startMilliseconds == [0, 0, 0, 30_000][number - 1])
                    #expect(chunk.asset.checksum.digest.first == UInt8(min(number, 3)))
                    let words = SpokenText(
                        model: "m", language: "en",
                        segments: [
                            SpokenSegment(
                                text: "words of \(number)", startMilliseconds: 100, endMilliseconds: 900)
                        ])
                    _ = try transaction.complete(chunk, with: words)
                }
                let segments = try transaction.segments(of: made.transcript, limit: 9)
                #expect(segments.map(\.span.startMilliseconds) == [100, 60_100, 120_100, 150_100])
                #expect(segments.map(\.chapter) == [1, 2, 3, 3])
            }
        }
    }

    @Test func `what is no ready track of the book and the editor is refused by its place`() throws {
        try withConnection { connection in
            try connection.transaction { transaction in
                let (book, editor) = try world(transaction)
                let other = try transaction.person("f", .editor)
                let draft = try transaction.draft("Persuasion", by: editor)
                let ready = try track(transaction, "1.mp3", for: book, by: editor, bytes: 1)
                #expect(throws: RecordingError.none) { try transaction.record(book, from: [], by: editor) }
                #expect(throws: RecordingError.tooMany) {
                    try transaction.record(book, from: Array(repeating: ready, count: 1001), by: editor)
                }
                #expect(throws: RecordingError.track(at: 1)) {
                    try transaction.record(book, from: [ready, Upload.ID()], by: editor)
                }
                #expect(throws: RecordingError.track(at: 1)) {
                    try transaction.record(book, from: [ready, ready], by: editor)
                }
                let foreign = try track(transaction, "2.mp3", for: book, by: other, bytes: 2)
                #expect(throws: RecordingError.track(at: 0)) {
                    try transaction.record(book, from: [foreign, ready], by: editor)
                }
                let elsewhere = try track(transaction, "3.mp3", for: draft, by: editor, bytes: 3)
                #expect(throws: RecordingError.track(at: 1)) {
                    try transaction.record(book, from: [ready, elsewhere], by: editor)
                }
                let recording: Upload.ID? = try transaction.value(
                    """
                    SELECT id FROM production.uploads
                    WHERE edition_id = \(try transaction.record(draft, by: editor).edition)
                    """)
                let recorded = try #require(recording)
                #expect(throws: RecordingError.track(at: 1)) {
                    try transaction.record(book, from: [ready, recorded], by: editor)
                }
                let waiting = try sent(transaction, "4.mp3", for: book, by: editor, bytes: 4)
                #expect(throws: RecordingError.notReady([waiting])) {
                    try transaction.record(book, from: [waiting, ready], by: editor)
                }
                let long = try track(
                    transaction, "5.mp3", for: book, by: editor, bytes: 5, milliseconds: 359_940_001)
                #expect(throws: RecordingError.tooLong) {
                    try transaction.record(book, from: [ready, long], by: editor)
                }
                #expect(throws: CatalogueError.noSuchBook) {
                    try transaction.record(Audiobook.ID(), from: [ready], by: editor)
                }
                #expect(try transaction.currentEdition(of: book) == nil)
            }
        }
    }

    @Test func `two who record a book at once leave one of theirs, whole`() throws {
        try withDatabase { database in
            let (book, editor, tracks) = try database.connect().transaction { transaction in
                let (book, editor) = try world(transaction)
                let tracks = try (1...4).map {
                    try track(transaction, "\($0).mp3", for: book, by: editor, bytes: UInt8($0))
                }
                return (book, editor, tracks)
            }
            let made = atOnce(6) { number, line in
                let connection = database.connect(as: "upload-complete")
                try connection.warmUp()
                line.wait()
                return try connection.transaction(.readCommitted) {
                    try $0.record(
                        book, from: number.isMultiple(of: 2) ? tracks : tracks.reversed(), by: editor
                    )
                    .edition
                }
            }
            let editions = Set(try made.successes())
            try database.connect().transaction { transaction in
                #expect(try editions.contains(#require(try transaction.currentEdition(of: book))))
                let whole: Int? = try transaction.value(
                    "SELECT count(*) FROM catalogue.editions WHERE sealed_at IS NOT NULL AND duration_ms = 240000"
                )
                #expect(whole == editions.count)
                let waiting: Int? = try transaction.value(
                    "SELECT count(*) FROM production.transcripts WHERE state = 'planned'")
                #expect(waiting == 1)
            }
        }
    }
}
