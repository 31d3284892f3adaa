import Foundation
import Testing

@testable import Storage

@Suite struct StorageNotificationTests {
    @Test func `every change is told once, in order, and again until it is acknowledged`() async throws {
        try await withTemporaryFolder { folder in
            var store = try StorageStoreTests.open(folder, rules: [.everything])
            let key = ObjectKey("a b+é".utf8)
            let record = try await StorageStoreTests.put(Array("12345".utf8), key.text, store)
            try await store.remove("media", key)
            try await store.remove("media", key)
            let told = await store.pendingNotifications()
            #expect(told.map(\.eventName) == ["ObjectCreated:Put", "ObjectRemoved:Delete"])
            #expect(told[0].key == "a b+é" && told[0].bytes == 5 && told[0].etag == record.etag)
            #expect(
                told[0].sequencer < told[1].sequencer && told[0].sequencer.count == told[1].sequencer.count)
            store = try StorageStoreTests.open(folder, rules: [.everything])
            #expect(await store.pendingNotifications() == told)
            await store.acknowledge(told[0])
            store = try StorageStoreTests.open(folder, rules: [.everything])
            #expect(await store.pendingNotifications() == [told[1]])
            try await StorageStoreTests.put([], "later", store)
            #expect(await store.pendingNotifications().last!.sequencer > told[1].sequencer)
        }
    }

    @Test func `only what a rule covers is told`() async throws {
        try await withTemporaryFolder { folder in
            let rule = NotificationRule(event: "s3:ObjectCreated:*", prefix: "u/", suffix: ".m4b")
            let store = try StorageStoreTests.open(folder, rules: [rule])
            for key in ["u/1.m4b", "u/1.mp3", "v/1.m4b"] { try await StorageStoreTests.put([], key, store) }
            try await store.remove("media", ObjectKey("u/1.m4b".utf8))
            #expect(await store.pendingNotifications().map(\.key) == ["u/1.m4b"])
        }
    }

    /// The moments between the steps of a change, made by hand.
    @Test func `a change cut off before its record was written is not told, one cut off after it is`()
        async throws
    {
        try await withTemporaryFolder { folder in
            let store = try StorageStoreTests.open(folder, rules: [.everything])
            try await StorageStoreTests.put(Array("x".utf8), "done", store)
            let done = try #require(await store.pendingNotifications().first)
            let spool = folder + "/spool/"
            try FileManager.default.moveItem(
                atPath: spool + done.sequencer + ".pending", toPath: spool + done.sequencer + ".prepared")
            let undone = StorageNotification(
                bucket: "media", key: "undone", eventName: "ObjectCreated:Put", bytes: 1, etag: "",
                sequencer: "00000000000000FF",
                time: Date())
            try JSONEncoder().encode(undone).write(to: URL(filePath: spool + undone.sequencer + ".prepared"))
            let reopened = try StorageStoreTests.open(folder, rules: [.everything])
            #expect(await reopened.pendingNotifications() == [done])
            #expect(
                try FileManager.default.contentsOfDirectory(atPath: spool) == [done.sequencer + ".pending"])
        }
    }

    @Test func `the server tells again what its listener did not take`() async throws {
        try await withTemporaryFolder { folder in
            let store = try StorageStoreTests.open(folder, rules: [.everything])
            try await StorageStoreTests.put([], "k", store)
            let (told, telling) = AsyncStream<String>.makeStream()
            let attempts = Attempts()
            let server = try S3Server(
                folder: folder, credentials: [], region: "eu-central-1",
                buckets: [BucketDescription(name: "media")]
            ) { notification in
                telling.yield(notification.key)
                if await attempts.next() == 1 { throw CancellationError() }
            }
            try await serving({ try await server.run(port: 0, onRunning: $0) }) { _ in
                var keys = told.makeAsyncIterator()
                #expect(await keys.next() == "k")
                #expect(await keys.next() == "k")
                while await !server.pendingNotifications().isEmpty { await Task.yield() }
            }
        }
    }

    private actor Attempts {
        private var count = 0

        func next() -> Int {
            count += 1
            return count
        }
    }
}
