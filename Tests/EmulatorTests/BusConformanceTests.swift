import Bus
import Testing

/// A client that nobody here wrote, unchanged, against the bus.
@Suite struct BusConformanceTests {
    @Test func `boto3 finds in our bus what it expects of EventBridge`() async throws {
        try await withTemporaryFolder { folder in
            let bus = BusServer(
                store: try BusStore(folder: folder, buses: ["earshelf"], rules: []),
                credentials: [StorageConformanceTests.key], region: "eu-central-1")
            try await serving({ try await bus.run(port: 0, onRunning: $0) }) { port in
                let endpoint = ["EARSHELF_EVENTS_ENDPOINT": "http://127.0.0.1:\(port)"]
                let environment = StorageConformanceTests.environment.merging(endpoint) { $1 }
                try await PythonSuite(script: "events_boto3.py", environment: environment).expectSuccess()
            }
        }
    }
}
