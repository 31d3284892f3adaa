import Foundation
import Groundwork
import NIOCore
import Testing

@testable import Storage

@Suite struct StorageStoreTests {
    typealias Dice = StorageKeyspaceTests.Dice

    static func open(_ folder: String, rules: [NotificationRule] = []) throws -> ObjectStore {
        try ObjectStore(
            folder: folder, descriptions: [BucketDescription(name: "media", notifications: rules)],
            now: { Date() })
    }

    static func blob(_ bytes: [UInt8], _ store: ObjectStore) async throws -> Blob {
        let writer = try BlobWriter(in: store.blobs, hashingSHA256: false, checksums: [])
        try await writer.append(ByteBuffer(bytes: bytes))
        return try await writer.finish()
    }

    @discardableResult
    static func put(_ bytes: [UInt8], _ key: String, _ store: ObjectStore) async throws -> ObjectRecord {
        let blob = try await blob(bytes, store)
        let draft = ObjectDraft(segments: [blob.segment], etag: blob.etag, attributes: ObjectAttributes())
        return try await store.put(draft, "media", ObjectKey(key.utf8), event: "ObjectCreated:Put")
    }

    static func content(_ key: String, _ store: ObjectStore) async throws -> [UInt8] {
        let (_, reader) = try await store.open("media", ObjectKey(key.utf8))
        var content: [UInt8] = []
        try await reader.read(0..<reader.bytes) { content += Array($0.readableBytesView) }
        return content
    }

    static func files(under folder: String) -> Int {
        let paths =
            FileManager.default.enumerator(atPath: folder + "/blobs")?.compactMap { $0 as? String } ?? []
        return paths.filter { $0.split(separator: "/").last?.utf8.count == 32 }.count
    }

    /// Writes, overwrites, removes, uploads in parts and ends at any moment: the store is left as it is, as
    /// `kill -9` would leave it, and opened anew from its files.
    @Test(arguments: UInt64(1)...12)
    func `what was answered is there after the process was killed`(seed: UInt64) async throws {
        try await withTemporaryFolder { folder in
            var dice = Dice(state: seed)
            var expected: [String: [UInt8]] = [:]
            var store = try Self.open(folder)
            for step in 0..<60 {
                let key = ["a", "a/b", "é", "e\u{301}", "z"].randomElement(using: &dice)!
                let bytes = Array("\(seed) \(step)".utf8)
                switch Int.random(in: 0..<10, using: &dice) {
                case 0..<4:
                    try await Self.put(bytes, key, store)
                    expected[key.utf8.map(String.init).joined(separator: ",")] = bytes
                case 4, 5:
                    try await store.remove("media", ObjectKey(key.utf8))
                    expected[key.utf8.map(String.init).joined(separator: ",")] = nil
                case 6, 7:
                    try await Self.upload(bytes, key, store, completing: Bool.random(using: &dice)) {
                        expected[key.utf8.map(String.init).joined(separator: ",")] = bytes
                    }
                case 8: _ = try await Self.blob(bytes, store)
                default: store = try Self.open(folder)
                }
            }
            store = try Self.open(folder)
            for key in ["a", "a/b", "é", "e\u{301}", "z"] {
                if let bytes = expected[key.utf8.map(String.init).joined(separator: ",")] {
                    #expect(try await Self.content(key, store) == bytes)
                } else {
                    await #expect(throws: S3Error.self) { try await Self.content(key, store) }
                }
            }
            let named = await store.buckets["media"]!.records.values.flatMap(\.segments).count
            let parts = await store.uploads.values.reduce(0) { $0 + $1.parts.count }
            #expect(Self.files(under: folder) == named + parts, "no blob is left that nothing names")
        }
    }

    static func upload(
        _ bytes: [UInt8], _ key: String, _ store: ObjectStore, completing: Bool, _ done: () -> Void
    ) async throws {
        let key = ObjectKey(key.utf8)
        let upload = try await store.begin("media", key, ObjectAttributes(), nil, .composite)
        let blob = try await blob(bytes, store)
        _ = try await store.put(
            part: 1, blob.segment, etag: blob.etag, checksum: nil, of: upload.id, "media", key)
        guard completing else { return }
        let choice = Upload.Choice(number: 1, etag: blob.etag, checksums: [:])
        let first = try await store.complete(upload.id, [choice], "media", key, WriteCondition(), whole: nil)
        let again = try await store.complete(upload.id, [choice], "media", key, WriteCondition(), whole: nil)
        #expect(first.sequencer == again.sequencer)
        done()
    }

    @Test func `a reader finishes though the object is overwritten and removed`() async throws {
        try await withTemporaryFolder { folder in
            let store = try Self.open(folder)
            try await Self.put(Array("one".utf8), "k", store)
            let (_, reader) = try await store.open("media", ObjectKey("k".utf8))
            try await Self.put(Array("two".utf8), "k", store)
            try await store.remove("media", ObjectKey("k".utf8))
            var content: [UInt8] = []
            try await reader.read(1..<3) { content += Array($0.readableBytesView) }
            #expect(content == Array("ne".utf8))
            #expect(Self.files(under: folder) == 0)
        }
    }

    @Test func `of many writers of a new key one succeeds`() async throws {
        try await withTemporaryFolder { folder in
            let store = try Self.open(folder)
            let made = await withTaskGroup(of: Bool.self) { group in
                for number in 0..<20 {
                    group.addTask {
                        guard let blob = try? await Self.blob([UInt8(number)], store) else { return false }
                        var draft = ObjectDraft(
                            segments: [blob.segment], etag: blob.etag, attributes: ObjectAttributes())
                        draft.condition.mustBeNew = true
                        let key = ObjectKey("k".utf8)
                        return (try? await store.put(draft, "media", key, event: "ObjectCreated:Put")) != nil
                    }
                }
                return await group.reduce(0) { $0 + ($1 ? 1 : 0) }
            }
            #expect(made == 1)
            #expect(Self.files(under: folder) == 1)
        }
    }

    @Test(.enabled(if: Tmpfs.isPossible))
    func `a full disk refuses what it cannot hold and keeps what it held`() async throws {
        try await withTemporaryFolder { folder in
            let disk = try Tmpfs(folder, megabytes: 4)
            defer { disk.unmount() }
            var store = try Self.open(folder)
            try await Self.put(Array("kept".utf8), "kept", store)
            let fault = await #expect(throws: SystemFault.self) {
                try await Self.put([UInt8](repeating: 1, count: 8 << 20), "kept", store)
            }
            #expect(fault?.isDiskFull == true)
            #expect(try await Self.content("kept", store) == Array("kept".utf8))
            try await Self.put([UInt8](repeating: 1, count: 1 << 20), "fits", store)
            store = try Self.open(folder)
            #expect(try await Self.content("kept", store) == Array("kept".utf8))
            #expect(Self.files(under: folder) == 2)
        }
    }
}
