import HTTP
import Testing

@testable import AWS

@Suite struct QueueTests {
    private let instant = Instant(secondsSince1970: 1_369_353_600)
    private let queue: Queue

    init() throws {
        queue = try Queue(
            url: "http://127.0.0.1:8083/000000000000/transcription", in: Region("eu-central-1"),
            credentials: Credentials(accessKeyID: "A", secretAccessKey: "s"))
    }

    private func answer(_ body: String, _ status: Int = 200) -> Response {
        Response(status: status, headers: ["x-amzn-requestid": "R"], body: Array(body.utf8))
    }

    @Test func `a message goes to the queue's own origin`() throws {
        let call = try queue.send("{\"job\":\"é/1\"}", delaySeconds: 5, at: instant)
        #expect(
            call.request.description == """
                POST http://127.0.0.1:8083/
                content-type: application/x-amz-json-1.0
                x-amz-target: AmazonSQS.SendMessage
                x-amz-date: 20130524T000000Z
                authorization: •••

                {"DelaySeconds":5,"MessageBody":"{\\"job\\":\\"é/1\\"}",\
                "QueueUrl":"http://127.0.0.1:8083/000000000000/transcription"}
                """)
    }

    @Test func `the trace goes along with a message`() throws {
        let header = "Root=1-5759e988-bd862e3fe1be46a994272793;Parent=53995c3f42cd8ad8;Sampled=1"
        let call = try queue.send("hello", traceHeader: header, at: instant)
        #expect(
            String(decoding: call.request.body, as: UTF8.self)
                == #"{"MessageBody":"hello","MessageSystemAttributes":{"AWSTraceHeader":{"DataType":"String","#
                + #""StringValue":"\#(header)"}},"QueueUrl":"\#(queue.url)"}"#)
    }

    @Test func `a message is sent when the queue read what was sent`() throws {
        let call = try queue.send("hello", at: instant)
        let digest = "5d41402abc4b2a76b9719d911017c592"
        #expect(
            try call.answer(to: answer("{\"MessageId\":\"m\",\"MD5OfMessageBody\":\"\(digest)\"}")) == "m")
        #expect(throws: AWSError.unreadable("MD5OfMessageBody")) {
            try call.answer(to: answer("{\"MessageId\":\"m\",\"MD5OfMessageBody\":\"\"}"))
        }
        #expect(throws: AWSError.unreadable("JSON")) { try call.answer(to: answer("{}")) }
        #expect(throws: AWSError.refused(status: 400, code: "QueueDoesNotExist", requestID: "R")) {
            try call.answer(
                to: answer("{\"__type\":\"com.amazonaws.sqs#QueueDoesNotExist\",\"message\":\"\"}", 400))
        }
        #expect(throws: AWSError.refused(status: 502, code: "Unknown", requestID: "R")) {
            try call.answer(to: answer("<html>", 502))
        }
    }

    @Test func `of a batch each message has its own fate`() throws {
        let call = try queue.send(batch: ["a", "b", "c"], at: instant)
        #expect(
            String(decoding: call.request.body, as: UTF8.self)
                == #"{"Entries":[{"Id":"0","MessageBody":"a"},{"Id":"1","MessageBody":"b"},"#
                + #"{"Id":"2","MessageBody":"c"}],"QueueUrl":"\#(queue.url)"}"#)
        let result = try call.answer(
            to: answer(
                """
                {"Successful":[{"Id":"0","MessageId":"m0","MD5OfMessageBody":"x"},{"Id":"2","MessageId":"m2"}],
                 "Failed":[{"Id":"1","Code":"InternalError","SenderFault":false}]}
                """))
        #expect(result.sent == [0: "m0", 2: "m2"])
        #expect(
            result.refused == [BatchResult.Refusal(place: 1, code: "InternalError", isSendersFault: false)])
        for body in [
            "{}", #"{"Successful":[{"Id":"0","MessageId":"m"}]}"#,
            #"{"Successful":[{"Id":"3","MessageId":"m"}]}"#,
        ] {
            #expect(throws: AWSError.unreadable("SendMessageBatch")) { try call.answer(to: answer(body)) }
        }
    }

    @Test func `messages are received with their count, or none at all`() throws {
        let call = try queue.receive(limit: 5, visibilitySeconds: 90, waitSeconds: 20, at: instant)
        #expect(!call.request.repeatable)
        #expect(call.request.timeoutMilliseconds == 30_000)
        #expect(
            String(decoding: call.request.body, as: UTF8.self)
                == #"{"MaxNumberOfMessages":5,"MessageSystemAttributeNames":["ApproximateReceiveCount"],"#
                + #""QueueUrl":"\#(queue.url)","VisibilityTimeout":90,"WaitTimeSeconds":20}"#)
        #expect(try call.answer(to: answer("{}")).isEmpty)
        let messages = try call.answer(
            to: answer(
                """
                {"Messages":[{"MessageId":"m","ReceiptHandle":"r","Body":"hello",
                  "MD5OfBody":"5d41402abc4b2a76b9719d911017c592","Attributes":{"ApproximateReceiveCount":"3"}}]}
                """))
        #expect(messages == [ReceivedMessage(id: "m", body: "hello", receipt: "r", receiveCount: 3)])
    }

    @Test func `a message is deleted, given back, and counted`() throws {
        try queue.delete(receipt: "r", at: instant).answer(to: answer("{}"))
        let back = try queue.changeVisibility(receipt: "r", seconds: 0, at: instant)
        #expect(
            String(decoding: back.request.body, as: UTF8.self)
                == #"{"QueueUrl":"\#(queue.url)","ReceiptHandle":"r","VisibilityTimeout":0}"#)
        try back.answer(to: answer(""))
        let depth = try queue.depth(at: instant).answer(
            to: answer(
                """
                {"Attributes":{"ApproximateNumberOfMessages":"4","ApproximateNumberOfMessagesNotVisible":"2",
                  "ApproximateNumberOfMessagesDelayed":"1"}}
                """))
        #expect(depth == QueueDepth(waiting: 4, inFlight: 2, delayed: 1))
    }
}
