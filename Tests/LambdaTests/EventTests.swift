import Foundation
import Testing

@testable import Lambda

/// What a function is told of events that are no requests.
struct EventTests {
    private func outcome(_ event: String, _ triggers: Triggers<World>) throws -> String {
        let outcome = try triggers.outcome(of: [UInt8](event.utf8), Invocation(), in: World())
        guard case .answer(let answer) = outcome else { return "a stream" }
        return String(decoding: answer, as: UTF8.self)
    }

    private func record(_ key: String, version: String = "2.1", size: String = "1024") -> String {
        """
        {"eventVersion":"\(version)","eventSource":"aws:s3","awsRegion":"eu-central-1",
         "eventTime":"2025-01-31T12:00:00.000Z","eventName":"ObjectCreated:Put",
         "userIdentity":{"principalId":"A"},"requestParameters":{"sourceIPAddress":"10.0.0.1"},
         "s3":{"s3SchemaVersion":"1.0","configurationId":"c",
         "bucket":{"name":"media","arn":"arn:aws:s3:::media"},
         "object":{"key":"\(key)","size":\(size),"eTag":"d41d8","sequencer":"0055AED6DCD90281E5"}}}
        """
    }

    @Test(arguments: [
        ("a+b%2Bc%2F%C3%A9", "a b+c/é"), ("a%20b%2Bc/%C3%A9", "a b+c/é"), ("a%40b", "a@b"),
        ("a%2525", "a%25"),
        ("u/0/orig.m4b", "u/0/orig.m4b"), ("e%CC%81", "e\u{301}"),
    ])
    func `the key of a stored object is decoded exactly once`(sent: String, key: String) throws {
        var seen: [StorageRecord] = []
        let triggers = Triggers<World>(storage: { record, _ in seen.append(record) })
        _ = try outcome(#"{"Records":[\#(record(sent))]}"#, triggers)
        let record = try #require(seen.first)
        #expect(Array(record.key.utf8) == Array(key.utf8))
        #expect(record.bucket == "media")
        #expect(record.eventName == "ObjectCreated:Put")
        #expect(record.bytes == 1024)
        #expect(record.etag == "d41d8")
        #expect(record.sequencer == "0055AED6DCD90281E5")
    }

    @Test(arguments: ["2.0", "2.1", "2.6", "2.99"]) func `every storage notification of version 2 is known`(
        version: String
    ) throws {
        var count = 0
        _ = try outcome(
            #"{"Records":[\#(record("a", version: version)),\#(record("b", size: "1e99"))]}"#,
            Triggers(storage: { _, _ in count += 1 }))
        #expect(count == 2)
    }

    @Test(arguments: ["3.0", "", "20"]) func `another version is refused`(version: String) {
        #expect(throws: MalformedEvent.self) {
            try outcome(
                #"{"Records":[\#(record("a", version: version))]}"#, Triggers(storage: { _, _ in }))
        }
    }

    @Test(arguments: ["%", "%f", "%zz", "%FF"]) func `a key that cannot be decoded is refused`(key: String) {
        #expect(throws: MalformedEvent.self) {
            try outcome(#"{"Records":[\#(record(key))]}"#, Triggers(storage: { _, _ in }))
        }
    }

    @Test func `one record that fails does not hide the others, and fails the event`() {
        var seen: [String] = []
        let triggers = Triggers<World>(storage: { record, _ in
            seen.append(record.key)
            if record.key == "a" { throw Breakdown() }
        })
        #expect(throws: Breakdown.self) {
            try outcome(#"{"Records":[\#(record("a")),\#(record("b"))]}"#, triggers)
        }
        #expect(seen == ["a", "b"])
    }

    @Test func `the storage may try out its notification`() throws {
        let test =
            #"{"Service":"Amazon S3","Event":"s3:TestEvent","Bucket":"media"}"#
        let triggers = Triggers<World>(storage: { _, _ in Issue.record("There is no record.") })
        var answer = ""
        let lines = try logged { answer = try outcome(test, triggers) }
        #expect(answer == "null")
        #expect(lines.count == 1)
    }

    @Test(arguments: [
        ("0055AED6DCD90281E5", "0055AED6DCD90281E6", true),
        ("0055aed6dcd90281e5", "0055AED6DCD90281E5", false),
        ("00", "0001", true), ("01", "0001", false), ("1", "10", false), ("0F", "0f1", true),
    ])
    func `sequencers are compared as numbers filled up with zeros at their ends`(
        one: String, other: String, precedes: Bool
    ) {
        #expect(StorageRecord.sequencer(one, precedes: other) == precedes)
    }

    private func message(_ id: String, body: String = "hello", attributes: String = "{}") -> String {
        """
        {"messageId":"\(id)","receiptHandle":"h","body":"\(body)","attributes":\(attributes),
         "messageAttributes":{},"md5OfBody":"x","eventSource":"aws:sqs","eventSourceARN":"arn:aws:sqs:eu:0:q"}
        """
    }

    @Test func `only the messages that failed come again`() throws {
        let triggers = Triggers<World>(queue: { message, _ in if message.body == "bad" { throw Breakdown() } }
        )
        let batch = [message("1"), message("2", body: "bad"), message("3"), message("4", body: "bad")]
        var answer = ""
        let lines = try logged {
            answer = try outcome(#"{"Records":[\#(batch.joined(separator: ","))]}"#, triggers)
        }
        #expect(answer == #"{"batchItemFailures":[{"itemIdentifier":"2"},{"itemIdentifier":"4"}]}"#)
        #expect(lines.map { $0["fields"]?["message"]?.text } == ["2", "4"])
    }

    @Test func `a batch without failures says so`() throws {
        #expect(
            try outcome(#"{"Records":[\#(message("1"))]}"#, Triggers(queue: { _, _ in }))
                == #"{"batchItemFailures":[]}"#)
    }

    @Test func `a message knows how often it has come`() throws {
        var seen: [QueueMessage] = []
        let attributes = #"{"ApproximateReceiveCount":"3","SentTimestamp":"1545082649183"}"#
        _ = try outcome(
            #"{"Records":[\#(message("1", attributes: attributes)),\#(message("2"))]}"#,
            Triggers(queue: { message, _ in seen.append(message) }))
        #expect(seen.map(\.receiveCount) == [3, 1])
        #expect(seen.first?.attributes["SentTimestamp"] == "1545082649183")
    }

    @Test func `a message without an id fails the whole batch`() {
        #expect(throws: MalformedEvent.self) {
            try outcome(
                #"{"Records":[{"eventSource":"aws:sqs","body":"x"}]}"#,
                Triggers(queue: { _, _ in Issue.record("It cannot be named.") }))
        }
    }

    @Test func `the body of a message is decoded with the place of what is wrong`() throws {
        struct Job: Decodable, Equatable { let count: Int }
        #expect(try QueueMessage(body: #"{"count":3}"#).decoded(as: Job.self) == Job(count: 3))
        #expect(throws: DecodingError.self) {
            try QueueMessage(body: #"{"count":"3"}"#).decoded(as: Job.self)
        }
        #expect(throws: DecodingError.self) { try QueueMessage(body: "").decoded(as: Job.self) }
    }

    @Test(arguments: [
        #""detail":{},"resources":["arn:aws:events:eu-central-1:0:rule/relay"],"source":"aws.events""#,
        #""detail":"{}","resources":["arn:aws:scheduler:eu:0:schedule/x/relay"],"source":"aws.scheduler""#,
    ])
    func `a schedule tells when it was due and who said so`(rest: String) throws {
        var seen: [ScheduleEvent] = []
        let event =
            #"{"id":"e1","detail-type":"Scheduled Event","time":"2025-01-31T12:00:00Z",\#(rest)}"#
        _ = try outcome(event, Triggers(schedule: { event, _ in seen.append(event) }))
        #expect(
            seen == [
                ScheduleEvent(id: "e1", time: Date(timeIntervalSince1970: 1_738_324_800), ruleName: "relay")
            ])
    }

    @Test(arguments: ["null", "7", "[]", "{}", "\u{FEFF}", "{", #"{"Records":[]}"#, #"{"version":"1.0"}"#])
    func `direct invocations are handed over byte for byte`(event: String) throws {
        #expect(try outcome(event, Triggers(direct: { payload, _ in payload })) == event)
    }

    @Test func `what no trigger takes is direct, where there is such`() throws {
        let triggers = Triggers<World>(
            queue: { _, _ in Issue.record("no message") }, direct: { payload, _ in payload })
        #expect(try outcome(#"{"task":"migrate"}"#, triggers) == #"{"task":"migrate"}"#)
    }

    @Test(arguments: [
        "null", "7", "[]", "{}", #"{"Records":[]}"#, #"{"Records":[{"eventSource":"aws:kinesis"}]}"#,
        #"{"Records":"x"}"#, #"{"version":"1.0","requestContext":{}}"#, #"{"detail-type":"Order Paid"}"#,
    ])
    func `an event of unknown shape is an error`(event: String) {
        #expect(throws: UnknownEvent.self) {
            try outcome(event, Triggers(storage: { _, _ in }, queue: { _, _ in }, schedule: { _, _ in }))
        }
    }

    @Test func `an event nested absurdly deep is an error and no crash`() {
        let deep = String(repeating: "[", count: 1_000_000)
        #expect(throws: JSONSyntaxError.self) { try outcome(deep, Triggers(queue: { _, _ in })) }
        #expect(throws: JSONSyntaxError.self) {
            try outcome(String(repeating: #"{"a":"#, count: 100_000), Triggers(queue: { _, _ in }))
        }
    }
}
