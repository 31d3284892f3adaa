import Bookshop
import Foundation
import Postgres
import Records
import TestSupport
import Testing

@Suite struct UploadTests {
    private let sha256 = [UInt8](repeating: 3, count: 32)
    private let probe = AudioProbe(
        mediaType: "audio/mp4", codec: "aac", durationMilliseconds: 60_000,
        chapters: [
            ChapterMark(title: "One", startMilliseconds: 0),
            ChapterMark(title: "Two", startMilliseconds: 30_000),
        ])

    private func file(_ bytes: Int = 1000) throws -> DeclaredFile {
        try DeclaredFile(name: "a.m4b", mediaType: "audio/mp4", bytes: bytes, sha256: sha256)
    }

    private func request(
        _ transaction: borrowing Transaction, under key: IdempotencyKey = .random, of title: String = "Emma",
        seconds: Double = 3600
    ) throws -> Upload {
        let editor = try transaction.person("e", .editor)
        let book = try transaction.draft(title, by: editor)
        return try transaction.requestUpload(
            of: file(), for: book, by: editor, under: key, to: "media",
            expiresAt: Date(timeIntervalSinceNow: seconds))
    }

    private func again(
        _ file: DeclaredFile, as first: Upload, under key: IdempotencyKey,
        _ transaction: borrowing Transaction
    ) throws -> Upload {
        try transaction.requestUpload(
            of: file, for: first.audiobook, by: first.editor, under: key, to: "media",
            expiresAt: Date(timeIntervalSinceNow: 60))
    }

    @Test func `the same request is the same upload, and another is refused`() throws {
        try withConnection { connection in
            try connection.transaction { transaction in
                let key = IdempotencyKey.random
                let first = try request(transaction, under: key)
                #expect(try again(file(), as: first, under: key, transaction) == first)
                #expect(throws: IdempotencyKeyReused()) {
                    try again(file(1001), as: first, under: key, transaction)
                }
                #expect(first.objectKey == "u/\(first.id)/original")
                #expect(try transaction.upload(at: first.objectKey, in: "media") == first)
                #expect(try transaction.upload(first.id, of: try transaction.person("other", .editor)) == nil)
                #expect(throws: CatalogueError.noSuchBook) {
                    try transaction.requestUpload(
                        of: file(), for: Audiobook.ID(), by: first.editor, under: .random, to: "media",
                        expiresAt: Date(timeIntervalSinceNow: 60))
                }
            }
        }
    }

    @Test func `an accepted file is the recording of its book`() throws {
        try withConnection { connection in
            try connection.transaction { transaction in
                let upload = try request(transaction)
                #expect(throws: UploadError.notVerifying(.created)) {
                    try transaction.accept(upload.id, as: probe)
                }
                #expect(try transaction.beginVerifying(upload.id).state == .verifying)
                let accepted = try transaction.accept(upload.id, as: probe)
                #expect(try transaction.accept(upload.id, as: probe) == accepted)
                #expect(try transaction.beginVerifying(upload.id).state == .ready)

                let book = try transaction.audiobook(.id(upload.audiobook), in: .eur, seenBy: .editor)
                #expect(book?.edition == accepted.edition && book?.durationMilliseconds == 60_000)
                #expect(try transaction.chapters(of: accepted.edition).map(\.title) == ["One", "Two"])
                let track = try #require(try transaction.tracks(of: accepted.edition).first)
                #expect(track.asset.objectKey == upload.objectKey && track.span.endMilliseconds == 60_000)
                let job = try #require(try transaction.transcript(accepted.transcript))
                #expect(job.state == .planned && job.progress.chunks == 0)
                let events = try transaction.claimEvents(limit: 10).filter { $0.topic == .uploadReady }
                #expect(events.map(\.key) == [upload.id.description])
            }
        }
    }

    @Test func `the browser's word and the storage event at once make one edition`() throws {
        try withDatabase { database in
            let upload = try database.connect().transaction { try request($0) }
            let accepted = atOnce(8) { _, line in
                let connection = database.connect(as: "upload-complete")
                try connection.warmUp()
                line.wait()
                _ = try connection.transaction(.readCommitted) { try $0.beginVerifying(upload.id) }
                return try connection.transaction(.readCommitted) {
                    try $0.accept(upload.id, as: probe)
                }
            }
            #expect(Set(try accepted.successes()).count == 1)
            let editions: Int? = try database.connect().transaction {
                try $0.value("SELECT count(*) FROM catalogue.editions")
            }
            #expect(editions == 1)
        }
    }

    @Test func `a new recording replaces the one before, whose words nobody pays for`() throws {
        try withConnection { connection in
            try connection.transaction { transaction in
                let editor = try transaction.person("e", .editor)
                let book = try transaction.draft("Emma", by: editor)
                let first = try transaction.record(book, by: editor)
                let second = try transaction.record(book, by: editor)
                #expect(try transaction.currentEdition(of: book) == second.edition)
                #expect(try transaction.transcript(first.transcript)?.state == .cancelled)
                #expect(try transaction.transcript(second.transcript)?.state == .planned)
            }
        }
    }

    @Test func `the same bytes for two books are one asset`() throws {
        try withConnection { connection in
            try connection.transaction { transaction in
                for title in ["Emma", "Persuasion"] {
                    let upload = try request(transaction, of: title)
                    _ = try transaction.beginVerifying(upload.id)
                    _ = try transaction.accept(upload.id, as: probe)
                }
                #expect(try transaction.value("SELECT count(*) FROM catalogue.assets") == 1)
                #expect(try transaction.value("SELECT count(*) FROM catalogue.tracks") == 2)
            }
        }
    }

    @Test func `what was rejected stays rejected`() throws {
        try withConnection { connection in
            try connection.transaction { transaction in
                let upload = try request(transaction)
                try transaction.reject(upload.id, as: .notAudio)
                try transaction.reject(upload.id, as: .tooShort)
                #expect(try transaction.upload(upload.id)?.rejection == .notAudio)
                #expect(throws: UploadError.notVerifying(.rejected)) {
                    try transaction.accept(upload.id, as: probe)
                }
                #expect(throws: UploadError.noSuchUpload) { try transaction.beginVerifying(Upload.ID()) }
            }
        }
    }

    @Test func `what was left half done is swept after its time, and what was done is not`() throws {
        try withConnection { connection in
            let uploads = try connection.transaction { transaction in
                try ["done", "left"].map { try request(transaction, of: $0) }
            }
            try connection.transaction { transaction in
                try transaction.reject(uploads[0].id, as: .notAudio)
                try transaction.run(
                    """
                    UPDATE production.uploads
                    SET created_at = now() - interval '2 hours', expires_at = now() - interval '1 hour'
                    """)
                #expect(try transaction.abandonedUploads(graceSeconds: 7200, limit: 10).isEmpty)
                let left = try transaction.abandonedUploads(graceSeconds: 60, limit: 10)
                #expect(left.map(\.id) == [uploads[1].id])
                #expect(try transaction.expire(uploads[1].id))
                #expect(try !transaction.expire(uploads[1].id))
                #expect(try transaction.beginVerifying(uploads[1].id).state == .expired)
            }
        }
    }

    @Test func `what stands still is told of each time its pause is over, and nothing else`()
        throws
    {
        try withConnection { connection in
            let upload = try connection.transaction { try request($0, of: "stalled") }
            func remind(after seconds: Int) throws -> Int {
                try connection.transaction {
                    try $0.remindOfStalledUploads(idleSeconds: seconds, limit: 10)
                }
            }
            func told() throws -> [String] {
                try connection.transaction { transaction in
                    try transaction.claimEvents(limit: 10).filter { $0.topic == .uploadStalled }.map(\.key)
                }
            }
            #expect(try remind(after: 900) == 0)
            #expect(try remind(after: 0) == 1)
            #expect(try remind(after: 900) == 0, "it was just told of")
            #expect(try remind(after: 0) == 1)
            #expect(try told() == ["\(upload.id)", "\(upload.id)"])
            _ = try connection.transaction { try $0.beginVerifying(upload.id) }
            #expect(try remind(after: 0) == 1)
            try connection.transaction { try $0.reject(upload.id, as: .notAudio) }
            #expect(try remind(after: 0) == 0)
        }
    }
}
