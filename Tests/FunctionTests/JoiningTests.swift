import Core
import Cryptography
import Foundation
import TestSupport
import Testing

@testable import upload_complete

@Suite struct JoiningTests {
    private static let least = 5 << 20
    private let probe = AudioProbe(mediaType: "audio/mp4", codec: "aac", durationMilliseconds: 180_000)
    private let digests = (1...3).map { SHA256.hash(Array("\($0)".utf8)) }

    /// Three parts of which the last has seven bytes, all of them there, and not yet made one.
    private struct World {
        var shop: Shop
        let upload: Upload
        let storage: FakeParts
        let queue: Told<String>
    }

    private func world(_ database: TestDatabase, purpose: DeclaredFile.Purpose = .recording) throws -> World {
        let parts = try DeclaredParts(
            fileBytes: 2 * Self.least + 7, partBytes: Self.least, sha256s: digests)
        let file = try DeclaredFile(name: "e.m4b", mediaType: "audio/mp4", parts: parts, purpose: purpose)
        let (editor, upload) = try database.prepared { transaction in
            let editor = try transaction.person("e", .editor)
            let upload = try transaction.requestUpload(
                of: file, in: parts, for: try transaction.draft("Emma", by: editor), by: editor,
                under: .random, to: "media", expiresAt: Date(timeIntervalSinceNow: 3600))
            return (editor, try transaction.beginUploading(upload.id, as: "m"))
        }
        let storage = FakeParts(), queue = Told<String>()
        storage.held = (1...3).map { number in
            HeldPart(
                number: number, bytes: parts.layout.bytes(of: number), entityTag: "e\(number)",
                sha256: digests[number - 1])
        }
        var shop = database.shop(of: "upload-complete", for: .editor(editor))
        shop.links = .plain
        shop.multipart = storage.port
        let object = StoredObject(
            bytes: parts.layout.fileBytes, mediaType: nil, entityTag: "x-3",
            sha256: .ofParts(file.checksum.digest, count: 3))
        shop.storage.head = { _, _ in storage.joined.isEmpty ? nil : object }
        shop.audio.probe = { _ in probe }
        shop.audio.sample = { _, _ in
            Recording(bytes: [1], fileName: "s.mp3", mediaType: "audio/mpeg", language: nil)
        }
        shop.pictures.embedded = { _, _ in nil }
        shop.storage.put = { _, _, _, _ in }
        shop.transcriptions = .telling(queue)
        return World(shop: shop, upload: upload, storage: storage, queue: queue)
    }

    private func done(_ world: World, in shop: Shop? = nil) -> Response {
        Lambda.answer(.typed("POST /api/v1/uploads/{id}/complete", id: "\(world.upload.id)")) {
            try uploadComplete($0, in: shop ?? world.shop)
        }
    }

    private func state(_ world: World, _ database: TestDatabase) throws -> Upload.State? {
        try database.prepared { try $0.upload(world.upload.id)?.state }
    }

    @Test func `parts that are all there become the book's recording`() throws {
        try withDatabase { database in
            let world = try world(database)
            #expect(done(world)["state"] == "ready" && world.storage.joined == [[1, 2, 3]])
            #expect(done(world)["state"] == "ready" && world.storage.joined.count == 1, "said again")
            #expect(world.queue.all.count == 1)
        }
    }

    @Test func `parts that are missing or other ones are named, and nothing is made of the rest`() throws {
        try withDatabase { database in
            let world = try world(database)
            let whole = try #require(world.storage.held)
            world.storage.held = [whole[1]]
            let refused = done(world)
            #expect(refused.outcome == "409 parts-missing" && refused["missing"] == "2")
            #expect(refused["missing/0"] == "1" && refused["missing/1"] == "3")
            #expect(refused.headers["content-type"] == "application/problem+json")
            world.storage.held = [
                HeldPart(number: 1, bytes: Self.least, entityTag: "e", sha256: digests[1]), whole[1],
                HeldPart(number: 3, bytes: 8, entityTag: "e", sha256: digests[2]),
            ]
            #expect(done(world)["missing"] == "2", "another checksum, another length")
            #expect(try world.storage.joined.isEmpty && state(world, database) == .uploading)
            world.storage.held = whole
            #expect(done(world)["state"] == "ready")
        }
    }

    @Test func `a storage that fails leaves the upload open`() throws {
        try withDatabase { database in
            let world = try world(database)
            for kind in [OutsideFailure.Kind.unavailable, .undecided] {
                world.storage.failure = OutsideFailure("storage", kind, reason: "200 and an error")
                let failed = done(world)
                #expect(failed.outcome == "503 outside-unavailable" && failed.headers["retry-after"] == "5")
                #expect(try state(world, database) == .uploading)
            }
            world.storage.failure = nil
            #expect(done(world)["state"] == "ready")
        }
    }

    @Test func `an answer that was lost is found out by looking`() throws {
        try withDatabase { database in
            let world = try world(database)
            world.storage.failure = OutsideFailure("storage", .undecided, reason: "cut off")
            world.storage.meanwhile = { world.storage.joined.append([1, 2, 3]) }
            #expect(done(world)["state"] == "ready", "the object is there")
        }
    }

    @Test func `a process that died after the storage had joined is gone on from`() throws {
        try withDatabase { database in
            let world = try world(database)
            #expect(try database.prepared { try $0.beginCompleting(world.upload.id) })
            world.storage.joined = [[1, 2, 3]]
            world.storage.held = nil
            #expect(done(world)["state"] == "ready" && world.storage.joined.count == 1)
        }
    }

    @Test func `what is given up while its parts are looked at is not joined`() throws {
        try withDatabase { database in
            var world = try world(database)
            let held = world.storage.held
            world.shop.multipart.parts = { _, _, _ in
                _ = try database.prepared { try $0.abort(world.upload.id) }
                return held
            }
            #expect(done(world).outcome == "409 upload-ended" && world.storage.joined.isEmpty)
        }
    }

    @Test func `a storage that knows neither parts nor object is told of`() throws {
        try withDatabase { database in
            let world = try world(database)
            world.storage.held = nil
            #expect(done(world).outcome == "409 upload-absent")
        }
    }

    @Test func `the storage's word alone is enough, before or after the editor's`() throws {
        try withDatabase { database in
            let world = try world(database)
            world.storage.meanwhile = {
                world.storage.meanwhile = {}
                // The object is made, and the storage tells of it before it answers.
                world.storage.joined.append([1, 2, 3])
                try objectStored(
                    StorageRecord(bucket: "media", key: world.upload.objectKey), in: world.shop)
            }
            #expect(done(world)["state"] == "ready")
            #expect(try database.count("catalogue.editions") == 1)
        }
    }

    @Test func `two who complete at once make one recording`() throws {
        try withDatabase { database in
            let world = try world(database)
            world.storage.meanwhile = {
                world.storage.meanwhile = {}
                #expect(done(world)["state"] == "ready")
            }
            #expect(done(world)["state"] == "ready")
            world.storage.knowsUpload = false
            #expect(try database.count("catalogue.editions") == 1 && world.queue.all.count == 1)
        }
    }

    @Test func `an object that came by another way is read, part by part`() throws {
        let content = [UInt8](repeating: 5, count: Self.least + 9)
        let parts = [content.prefix(Self.least), content.suffix(9)].map { SHA256.hash(Array($0)) }
        var hash = HashOfParts(partBytes: Self.least)
        for start in stride(from: 0, to: content.count, by: 1_000_003) {
            hash.update(Array(content[start..<min(start + 1_000_003, content.count)]))
        }
        #expect(hash.digest() == SHA256.hash(parts.flatMap(\.self)))
        for (other, outcome) in [
            (nil, "422 checksum-differs"), (StoredObject.SHA256.whole(parts[0]), "422 checksum-differs"),
        ] {
            try withDatabase { database in
                var world = try world(database)
                world.shop.storage.head = { _, _ in
                    StoredObject(bytes: 2 * Self.least + 7, mediaType: nil, entityTag: "x", sha256: other)
                }
                world.shop.storage.read = { _, _, piece in try piece(content) }
                #expect(done(world).outcome == outcome)
            }
        }
    }

    @Test func `a composite that is another's is rejected unread`() throws {
        try withDatabase { database in
            var world = try world(database)
            world.shop.storage.head = { _, _ in
                StoredObject(
                    bytes: 2 * Self.least + 7, mediaType: nil, entityTag: "x",
                    sha256: .ofParts(digests[0], count: 3))
            }
            #expect(done(world).outcome == "422 checksum-differs")
        }
    }
}
