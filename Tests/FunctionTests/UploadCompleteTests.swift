import Core
import Cryptography
import Foundation
import TestSupport
import Testing

@testable import upload_complete

@Suite struct UploadCompleteTests {
    private let bytes = Array("not really a recording".utf8)
    private let probe = AudioProbe(
        mediaType: "audio/mp4", codec: "aac", durationMilliseconds: 180_000,
        chapters: [
            ChapterMark(title: "One", startMilliseconds: 0),
            ChapterMark(title: "Two", startMilliseconds: 90_000),
        ])

    private func done(_ upload: Upload, in shop: Shop) -> Response {
        Lambda.answer(.typed("POST /api/v1/uploads/{id}/complete", id: "\(upload.id)")) {
            try uploadComplete($0, in: shop)
        }
    }

    /// An upload whose file was stored as declared, and what the queue was told.
    private func stored(_ database: TestDatabase) throws -> (shop: Shop, upload: Upload, queue: Told<String>)
    {
        let sha256 = SHA256.hash(bytes)
        let file = try DeclaredFile(name: "e.m4b", mediaType: "audio/mp4", bytes: bytes.count, sha256: sha256)
        let (editor, upload) = try database.prepared { transaction in
            let editor = try transaction.person("e", .editor)
            let upload = try transaction.requestUpload(
                of: file, for: try transaction.draft("Emma", by: editor), by: editor, under: .random,
                to: "media",
                expiresAt: Date(timeIntervalSinceNow: 3600))
            return (editor, upload)
        }
        let queue = Told<String>()
        var shop = database.shop(of: "upload-complete", for: .editor(editor))
        shop.links = .plain
        shop.storage = .holding(
            StoredObject(bytes: bytes.count, mediaType: nil, entityTag: "x", sha256: .whole(sha256)))
        shop.audio.probe = { _ in probe }
        shop.audio.sample = { _, _ in
            Recording(bytes: [1], fileName: "sample.mp3", mediaType: "audio/mpeg", language: nil)
        }
        shop.pictures.embedded = { _, _ in nil }
        shop.transcriptions = .telling(queue)
        return (shop, upload, queue)
    }

    private func record(_ upload: Upload, _ name: String = "ObjectCreated:Put", bucket: String = "media")
        -> StorageRecord
    {
        StorageRecord(bucket: bucket, key: upload.objectKey, eventName: name)
    }

    @Test func `what was stored becomes the book's recording and waits to be transcribed`() throws {
        try withDatabase { database in
            let (shop, upload, queue) = try stored(database)
            let answer = done(upload, in: shop)
            #expect(answer.statusCode == 200 && answer["state"] == "ready")
            #expect(answer["audiobookId"] == "\(upload.audiobook)" && answer["editionId"] != nil)
            #expect(queue.all.count == 1)
            #expect(try database.count("catalogue.chapters") == 2)
            #expect(done(upload, in: shop).body == answer.body, "said again")
            #expect(queue.all.count == 1)
        }
    }

    @Test(arguments: [[true, false], [false, true], [false, false, true, true]])
    func `the browser and the storage may say it in any order`(isByBrowser: [Bool]) throws {
        try withDatabase { database in
            let (shop, upload, queue) = try stored(database)
            for byBrowser in isByBrowser {
                if byBrowser {
                    #expect(done(upload, in: shop)["state"] == "ready")
                } else {
                    try objectStored(record(upload), in: shop)
                }
            }
            #expect(try database.count("catalogue.editions") == 1)
            #expect(try database.count("production.transcripts") == 1)
            #expect(queue.all.count == 1)
        }
    }

    @Test func `both at once make one recording`() throws {
        try withDatabase { database in
            let (shop, upload, _) = try stored(database)
            let other = Told<String>()
            var first = shop
            first.audio.probe = { _ in
                // The storage's event is handled while the browser's request still looks at the file.
                var second = shop
                second.transcriptions = .telling(other)
                try objectStored(record(upload), in: second)
                return probe
            }
            #expect(done(upload, in: first)["state"] == "ready")
            #expect(try database.count("catalogue.editions") == 1)
            #expect(try database.count("production.transcripts") == 1)
        }
    }

    @Test func `nothing stored is not the end: the file may still come`() throws {
        try withDatabase { database in
            var (shop, upload, _) = try stored(database)
            let storage = shop.storage
            shop.storage = .holding(nil)
            #expect(done(upload, in: shop).outcome == "409 upload-absent")
            shop.storage = storage
            #expect(done(upload, in: shop)["state"] == "ready")
        }
    }

    @Test func `bytes other than declared are rejected for good`() throws {
        let cases: [(StoredObject, String)] = [
            (
                StoredObject(bytes: 5, mediaType: nil, entityTag: "x", sha256: .whole(SHA256.hash(bytes))),
                "422 size-differs"
            ),
            (
                StoredObject(
                    bytes: bytes.count, mediaType: nil, entityTag: "x",
                    sha256: .whole([UInt8](repeating: 1, count: 32))),
                "422 checksum-differs"
            ),
        ]
        for (object, outcome) in cases {
            try withDatabase { database in
                var (shop, upload, queue) = try stored(database)
                shop.audio = .unset
                shop.storage = .holding(object)
                #expect(done(upload, in: shop).outcome == outcome)
                #expect(done(upload, in: shop).outcome == outcome, "the first word stands")
                try objectStored(record(upload), in: shop)
                #expect(try database.count("catalogue.editions") == 0)
                #expect(queue.all.isEmpty)
            }
        }
    }

    @Test func `a storage that computed no checksum has the bytes read`() throws {
        for (content, outcome) in [(bytes, "200"), (bytes.reversed(), "422 checksum-differs")] {
            try withDatabase { database in
                var (shop, upload, _) = try stored(database)
                shop.storage = .holding(
                    StoredObject(bytes: bytes.count, mediaType: nil, entityTag: "x", sha256: nil))
                shop.storage.read = { _, _, piece in
                    try piece(Array(content.prefix(7)))
                    try piece(Array(content.dropFirst(7)))
                }
                #expect(done(upload, in: shop).outcome == outcome)
            }
        }
    }

    @Test(arguments: [
        (AudioProbe(mediaType: "video/mp4", codec: "h264", durationMilliseconds: 5_000), "422 not-audio"),
        (AudioProbe(mediaType: "audio/mp4", codec: "aac", durationMilliseconds: 999), "422 too-short"),
        (AudioProbe(mediaType: "audio/mp4", codec: "aac", durationMilliseconds: 360_000_001), "422 too-long"),
    ])
    func `what is no recording we take is rejected by its reason`(probe: AudioProbe, outcome: String) throws {
        try withDatabase { database in
            var (shop, upload, queue) = try stored(database)
            shop.audio.probe = { _ in probe }
            #expect(done(upload, in: shop).outcome == outcome)
            #expect(try database.count("catalogue.assets") == 0)
            #expect(queue.all.isEmpty)
        }
    }

    @Test func `no audio is a rejection, and a probe that cannot read now is not`() throws {
        try withDatabase { database in
            var (shop, upload, _) = try stored(database)
            shop.audio.probe = { _ in throw OutsideFailure("ffprobe", .unavailable, reason: "timeout") }
            #expect(done(upload, in: shop).outcome == "503 outside-unavailable")
            #expect(throws: OutsideFailure.self) { try objectStored(record(upload), in: shop) }
            shop.audio.probe = { _ in throw OutsideFailure("ffprobe", .refused, reason: "invalid data") }
            #expect(done(upload, in: shop).outcome == "422 not-audio")
        }
    }

    @Test func `a plan that could not be sent leaves the recording, and the relay sends it`() throws {
        try withDatabase { database in
            var (shop, upload, _) = try stored(database)
            shop.transcriptions = Queue { _, _ in throw OutsideFailure("queue", .unavailable, reason: "none")
            }
            #expect(done(upload, in: shop).outcome == "503 outside-unavailable")
            #expect(done(upload, in: shop)["state"] == "ready")
            let lost = try database.prepared { try $0.lostTranscriptionWork(idleSeconds: 0, limit: 10) }
            #expect(lost.count == 1)
        }
    }

    @Test func `an upload is its editor's to finish`() throws {
        try withDatabase { database in
            let (shop, upload, _) = try stored(database)
            let (other, customer) = try database.prepared {
                (try $0.person("f", .editor), try $0.person("c"))
            }
            func outcome(_ principal: Principal?) -> String {
                var other = shop
                other.identity = database.shop(of: "upload-complete", for: principal).identity
                return done(upload, in: other).outcome
            }
            #expect(outcome(.editor(other)) == "404 not-found")
            #expect(outcome(.customer(customer)) == "403 forbidden")
            #expect(outcome(nil) == "401 unauthenticated")
            #expect(try database.count("production.uploads WHERE state = 'created'") == 1)
        }
    }

    @Test func `events of other objects are none of our business`() throws {
        try withDatabase { database in
            let (shop, upload, queue) = try stored(database)
            try objectStored(record(upload, "ObjectRemoved:Delete"), in: shop)
            try objectStored(record(upload, bucket: "other"), in: shop)
            for key in [
                "u/x/original", "covers/1.jpg", "u/\(Upload.ID())/original", "u/\(upload.id)/original/x", "",
            ] {
                try objectStored(StorageRecord(bucket: "media", key: key), in: shop)
            }
            #expect(queue.all.isEmpty)
            #expect(try database.count("production.uploads WHERE state = 'created'") == 1)
        }
    }

    private func stalled(_ upload: Upload.ID, topic: String = "UploadStalled") throws -> BusEvent {
        try BusEvent(
            source: OutboxEvent.source, topic: topic, time: Date(),
            detail: #"{"id":1,"key":"k","payload":{"upload":"\#(upload)"}}"#)
    }

    @Test func `what nobody could look at is looked at when the bus tells of it again`() throws {
        try withDatabase { database in
            let (shop, upload, queue) = try stored(database)
            var absent = shop
            absent.storage = .holding(nil)
            try resume(stalled(upload.id), in: absent)
            #expect(
                try database.count("production.uploads WHERE state = 'created'") == 1, "it may still come")
            try resume(stalled(Upload.ID()), in: shop)
            try resume(stalled(upload.id, topic: "UploadReady"), in: shop)
            #expect(queue.all.isEmpty)

            var broken = shop
            broken.audio.probe = { _ in throw OutsideFailure("s3", .unavailable, reason: "away") }
            #expect(throws: OutsideFailure.self) { try resume(stalled(upload.id), in: broken) }
            #expect(try database.count("production.uploads WHERE state = 'verifying'") == 1)
            for _ in 1...2 { try resume(stalled(upload.id), in: shop) }
            #expect(try database.count("production.uploads WHERE state = 'ready'") == 1)
            #expect(queue.all.count == 1)
        }
    }
}
