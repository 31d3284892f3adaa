import Groundwork
import Logging
import Storage
import Testing

@Suite struct StorageConformanceTests {
    static let key = AccessKey(id: "AKIAEARSHELFLOCAL0001", secret: "a secret of the tests")

    static func environment(_ port: Int) -> [String: String] {
        [
            "EARSHELF_S3_ENDPOINT": "http://127.0.0.1:\(port)", "AWS_ACCESS_KEY_ID": key.id,
            "AWS_SECRET_ACCESS_KEY": "a secret of the tests", "AWS_REGION": "eu-central-1",
            "AWS_DEFAULT_REGION": "eu-central-1",
        ]
    }

    @Test(arguments: ["s3_boto3.py"])
    func `clients of S3 nobody here wrote find what they expect`(script: String) async throws {
        try await withTemporaryFolder { folder in
            let server = try S3Server(
                folder: folder, credentials: [Self.key], region: "eu-central-1",
                buckets: [BucketDescription(name: "media")], logger: Logger(label: "storage")
            ) { _ in }
            try await serving({ try await server.run(port: 0, onRunning: $0) }) { port in
                try await PythonSuite(script: script, environment: Self.environment(port)).expectSuccess()
            }
        }
    }
}
