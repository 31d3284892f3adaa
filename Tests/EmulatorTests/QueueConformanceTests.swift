import Groundwork
import Queue
import Testing

@Suite struct QueueConformanceTests {
    @Test func `boto3 finds in our queues what it expects of SQS`() async throws {
        try await withTemporaryFolder { folder in
            let key = AccessKey(id: "AKIAEARSHELFLOCAL0001", secret: "a secret of the tests")
            let server = QueueServer(
                store: try QueueStore(folder: folder), credentials: [key], region: "eu-central-1")
            try await serving({ try await server.run(port: 0, onRunning: $0) }) { port in
                let environment = [
                    "EARSHELF_SQS_ENDPOINT": "http://127.0.0.1:\(port)", "AWS_ACCESS_KEY_ID": key.id,
                    "AWS_SECRET_ACCESS_KEY": "a secret of the tests", "AWS_REGION": "eu-central-1",
                    "AWS_DEFAULT_REGION": "eu-central-1",
                ]
                try await PythonSuite(script: "sqs_boto3.py", environment: environment).expectSuccess()
            }
        }
    }
}
