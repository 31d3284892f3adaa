import Bookshop
import Foundation
import Postgres
import Records
import TestSupport
import Testing

@Suite struct UploadInPartsTests {
    private static let least = 5 << 20
    private let probe = AudioProbe(mediaType: "audio/mp4", codec: "aac", durationMilliseconds: 60_000)

    private func parts(_ count: Int, _ byte: UInt8 = 7) throws -> DeclaredParts {
        try DeclaredParts(
            fileBytes: count * Self.least, partBytes: Self.least,
            sha256s: Array(repeating: [UInt8](repeating: byte, count: 32), count: count))
    }

    private func file(_ parts: DeclaredParts, _ digest: UInt8 = 9) throws -> DeclaredFile {
        try DeclaredFile(
            name: "a.m4b", mediaType: "audio/mp4", bytes: parts.layout.fileBytes,
            checksum: .parts([UInt8](repeating: digest, count: 32), partBytes: Self.least))
    }

    private func requested(
        _ transaction: borrowing Transaction, parts: DeclaredParts, under key: IdempotencyKey = .random
    ) throws -> Upload {
        let editor = try transaction.person("e", .editor)
        let book: Audiobook.ID =
            try transaction.value("SELECT id FROM catalogue.audiobooks LIMIT 1")
            ?? transaction.draft("Emma", by: editor)
        return try transaction.requestUpload(
            of: file(parts), in: parts, for: book, by: editor, under: key, to: "media",
            expiresAt: Date(timeIntervalSinceNow: 3600))
    }

    @Test func `parts are kept as they were declared, ten thousand of them too`() throws {
        try withConnection { connection in
            try connection.transaction { transaction in
                let declared = try parts(10_000), key = IdempotencyKey.random
                let upload = try requested(transaction, parts: declared, under: key)
                #expect(upload.declared.layout == declared.layout && upload.multipart == nil)
                #expect(try transaction.parts(of: upload) == declared)
                #expect(try requested(transaction, parts: declared, under: key) == upload)
                let whole = try transaction.requestUpload(
                    of: DeclaredFile(name: "a", mediaType: "audio/mp4", bytes: 9, sha256: .hash),
                    for: upload.audiobook, by: upload.editor, under: .random, to: "media",
                    expiresAt: upload.expiresAt)
                #expect(throws: UploadError.notInParts) { try transaction.parts(of: whole) }
            }
        }
    }

    @Test func `the database holds that the digests are as many as the parts`() throws {
        try withConnection { connection in
            let upload = try connection.transaction { try requested($0, parts: try parts(2)) }
            for change: SQL in [
                "declared_bytes = declared_bytes + 1", "part_bytes = NULL", "part_sha256s = NULL",
                "storage_upload_id = 'x'", "declared_media_type = 'image/png'", "state = 'uploading'",
            ] {
                #expect(throws: PostgresError.self) {
                    try connection.transaction {
                        try $0.run("UPDATE production.uploads SET \(change) WHERE id = \(upload.id)")
                    }
                }
            }
        }
    }

    @Test func `of two who begin at once, one is noted`() throws {
        try withDatabase { database in
            let upload = try database.connect().transaction { try requested($0, parts: try parts(2)) }
            let begun = atOnce(6) { number, line in
                let connection = database.connect(as: "presign")
                try connection.warmUp()
                line.wait()
                return try connection.transaction(.readCommitted) {
                    try $0.beginUploading(upload.id, as: "storage-\(number)").multipart
                }
            }
            #expect(Set(try begun.successes()).count == 1)
        }
    }

    @Test func `joining may fail and be tried again, and both ways lead to the recording`() throws {
        try withConnection { connection in
            try connection.transaction { transaction in
                let upload = try requested(transaction, parts: try parts(2))
                #expect(try !transaction.beginCompleting(upload.id), "nothing was begun")
                #expect(try transaction.upload(upload.id)?.state == .created)
                _ = try transaction.beginUploading(upload.id, as: "m")
                for _ in 1...2 { #expect(try transaction.beginCompleting(upload.id)) }
                #expect(try transaction.upload(upload.id)?.state == .completing)
                #expect(throws: UploadError.notVerifying(.completing)) { try transaction.abort(upload.id) }
                try transaction.reopen(upload.id)
                #expect(try transaction.upload(upload.id)?.state == .uploading)
                // The storage's word alone.
                #expect(try transaction.beginVerifying(upload.id).state == .verifying)
                try transaction.reopen(upload.id)
                #expect(try !transaction.beginCompleting(upload.id))
                #expect(try transaction.upload(upload.id)?.state == .verifying, "what goes on goes on")
                let accepted = try transaction.accept(upload.id, as: probe)
                let track = try #require(try transaction.tracks(of: accepted.edition).first)
                #expect(track.asset.checksum == upload.declared.checksum)
                #expect(throws: UploadError.notVerifying(.ready)) { try transaction.abort(upload.id) }
            }
        }
    }

    @Test func `a file that fits into one part is the same file by parts of another size`() throws {
        try withConnection { connection in
            try connection.transaction { transaction in
                let editor = try transaction.person("e", .editor)
                let digest = [UInt8](repeating: 9, count: 32)
                let book = try transaction.draft("Emma", by: editor)
                let editions = try [Self.least, 2 * Self.least].map { partBytes in
                    let parts = try DeclaredParts(fileBytes: 9000, partBytes: partBytes, sha256s: [digest])
                    let file = try DeclaredFile(
                        name: "a.m4b", mediaType: "audio/mp4", bytes: 9000,
                        checksum: .parts(digest, partBytes: partBytes))
                    let upload = try transaction.requestUpload(
                        of: file, in: parts, for: book, by: editor, under: .random, to: "media",
                        expiresAt: Date(timeIntervalSinceNow: 3600))
                    _ = try transaction.beginUploading(upload.id, as: "m")
                    _ = try transaction.beginVerifying(upload.id)
                    return try transaction.accept(upload.id, as: probe).edition
                }
                #expect(editions[0] == editions[1], "it plays that file already")
                #expect(try transaction.value("SELECT count(*) FROM catalogue.assets") == 1)
            }
        }
    }

    @Test func `what was given up stays so, and is cleared when no link is good any more`() throws {
        try withConnection { connection in
            try connection.transaction { transaction in
                let upload = try requested(transaction, parts: try parts(2))
                _ = try transaction.beginUploading(upload.id, as: "m")
                #expect(try transaction.abort(upload.id).state == .aborted)
                #expect(try transaction.abort(upload.id).multipart == "m")
                #expect(try transaction.beginVerifying(upload.id).state == .aborted)
                #expect(try transaction.beginUploading(upload.id, as: "n").multipart == "m")
                #expect(try transaction.unclearedUploads(graceSeconds: 60, limit: 9).isEmpty)
                #expect(try transaction.unclearedUploads(graceSeconds: 0, limit: 9).map(\.id) == [upload.id])
                try transaction.noteCleared(upload.id)
                #expect(try transaction.unclearedUploads(graceSeconds: 0, limit: 9).isEmpty)
            }
        }
    }
}
