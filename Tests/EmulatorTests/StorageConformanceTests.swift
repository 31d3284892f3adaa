import Groundwork
import Queue
import Storage
import Testing

/// Clients that nobody here wrote, unchanged, against storage and queue.
@Suite struct StorageConformanceTests {
    static let key = AccessKey(id: "AKIAEARSHELFLOCAL0001", secret: "a secret of the tests")

    static let environment = [
        "AWS_ACCESS_KEY_ID": key.id, "AWS_SECRET_ACCESS_KEY": "a secret of the tests",
        "AWS_REGION": "eu-central-1", "AWS_DEFAULT_REGION": "eu-central-1",
    ]

    @Test func `boto3 finds in our buckets what it expects of S3`() async throws {
        try await withServers { environment in
            try await PythonSuite(script: "s3_boto3.py", environment: environment).expectSuccess()
        }
    }

    @Test func `boto3 finds in our queues what it expects of SQS`() async throws {
        try await withServers { environment in
            try await PythonSuite(script: "sqs_boto3.py", environment: environment).expectSuccess()
        }
    }

    @Test func `the aws command line finds what it expects of both`() async throws {
        try await withServers { environment in
            try await PythonSuite(script: "aws_cli.py", environment: environment).expectSuccess()
        }
    }

    private func withServers(_ body: @escaping @Sendable ([String: String]) async throws -> Void) async throws
    {
        try await withTemporaryFolder { folder in
            let storage = try S3Server(
                folder: folder + "/storage", credentials: [Self.key], region: "eu-central-1",
                buckets: [BucketDescription(name: "media", publicPrefixes: ["public/"])]
            ) { _ in }
            let queue = QueueServer(
                store: try QueueStore(folder: folder + "/queue"), credentials: [Self.key],
                region: "eu-central-1")
            try await serving({ try await storage.run(port: 0, onRunning: $0) }) { storagePort in
                try await serving({ try await queue.run(port: 0, onRunning: $0) }) { queuePort in
                    let endpoints = [
                        "EARSHELF_S3_ENDPOINT": "http://127.0.0.1:\(storagePort)",
                        "EARSHELF_SQS_ENDPOINT": "http://127.0.0.1:\(queuePort)",
                        "EARSHELF_PUBLIC_PREFIX": "media/public/",
                    ]
                    try await body(Self.environment.merging(endpoints) { $1 })
                }
            }
        }
    }
}
