import HTTP
import Testing

@testable import AWS

@Suite struct EventBusTests {
    private let instant = Instant(secondsSince1970: 1_369_353_600)

    private func bus(_ endpoint: String? = "http://127.0.0.1:8087") throws -> EventBus {
        try EventBus(
            "earshelf", endpoint: endpoint, in: Region("eu-central-1"),
            credentials: Credentials(accessKeyID: "A", secretAccessKey: "s"))
    }

    private func entry(_ detail: String = #"{"id":1}"#) -> BusEntry {
        BusEntry(
            source: "earshelf", detailType: "UploadReady", detail: detail, secondsSince1970: 1_800_000_000)
    }

    private func answer(_ body: String, _ status: Int = 200) -> Response {
        Response(status: status, headers: ["x-amzn-requestid": "R"], body: Array(body.utf8))
    }

    @Test func `events go to the bus in one call`() throws {
        let call = try bus().put([entry(#"{"key":"é/1"}"#), entry()], at: instant)
        #expect(
            call.request.description == """
                POST http://127.0.0.1:8087/
                content-type: application/x-amz-json-1.1
                x-amz-target: AWSEvents.PutEvents
                x-amz-date: 20130524T000000Z
                authorization: •••

                {"Entries":[{"Detail":"{\\"key\\":\\"é/1\\"}","DetailType":"UploadReady","EventBusName":"earshelf",\
                "Source":"earshelf","Time":1800000000},{"Detail":"{\\"id\\":1}","DetailType":"UploadReady",\
                "EventBusName":"earshelf","Source":"earshelf","Time":1800000000}]}
                """)
        let regional = try bus(nil).put([entry()], at: instant).request
        #expect(regional.url == "https://events.eu-central-1.amazonaws.com/")
        let signature = regional.headers.first { $0.name == "authorization" }?.value
        #expect(signature?.contains("/eu-central-1/events/aws4_request") == true)
        #expect(throws: SigningError.malformedEndpoint) { try bus("nowhere") }
    }

    @Test func `the trace goes along with an event`() throws {
        let header = "Root=1-5759e988-bd862e3fe1be46a994272793;Parent=53995c3f42cd8ad8;Sampled=1"
        let entry = BusEntry(
            source: "s", detailType: "T", detail: "{}", secondsSince1970: 1, traceHeader: header)
        let body = String(decoding: try bus().put([entry], at: instant).request.body, as: UTF8.self)
        #expect(body.contains(#""TraceHeader":"\#(header)""#))
    }

    @Test func `each entry has its own fate`() throws {
        let call = try bus().put([entry(), entry(), entry()], at: instant)
        let outcomes = try call.answer(
            to: answer(
                """
                {"FailedEntryCount":1,"Entries":[{"EventId":"e1"},{"ErrorCode":"InternalFailure","ErrorMessage":"x"},
                 {"EventId":"e3"}]}
                """))
        #expect(outcomes == [.accepted(id: "e1"), .failed(code: "InternalFailure"), .accepted(id: "e3")])
    }

    @Test(arguments: [
        #"{"FailedEntryCount":0,"Entries":[]}"#, #"{"FailedEntryCount":0,"Entries":[{}]}"#,
        #"{"FailedEntryCount":1,"Entries":[{"EventId":"e1"}]}"#,
        #"{"FailedEntryCount":0,"Entries":[{"ErrorCode":"InternalFailure"}]}"#,
        #"{"FailedEntryCount":0,"Entries":[{"EventId":"e1"},{"EventId":"e2"}]}"#,
    ])
    func `an answer that leaves it open what came of an entry is none`(body: String) throws {
        let call = try bus().put([entry()], at: instant)
        #expect(throws: AWSError.unreadable("PutEvents")) { try call.answer(to: answer(body)) }
    }

    @Test func `a call that is refused says by what word, and whether it may be made again`() throws {
        let call = try bus().put([entry()], at: instant)
        for (code, isTransient) in [("ThrottlingException", true), ("AccessDeniedException", false)] {
            let error = #expect(throws: AWSError.self) {
                try call.answer(to: answer(#"{"__type":"\#(code)","message":""}"#, 400))
            }
            #expect(error == .refused(status: 400, code: code, requestID: "R"))
            #expect(error?.isTransient == isTransient)
        }
        #expect(throws: AWSError.unreadable("JSON")) { try call.answer(to: answer("{}")) }
    }

    @Test func `an entry weighs what the service says, and one too many begins another call`() {
        // 14 for the time, 8 for the source, 11 for the type.
        #expect(entry("{}").byteCount == 35 && entry(#"{"a":"é"}"#).byteCount == 43)
        func detail(_ bytes: Int) -> BusEntry { entry(String(repeating: "x", count: bytes - 33)) }
        let limit = 256 << 10
        #expect(EventBus.batches(of: []) == [])
        #expect(EventBus.batches(of: (1...21).map { _ in entry() }).map(\.count) == [10, 10, 1])
        #expect(EventBus.batches(of: [detail(limit - 1)]) == [[0]])
        #expect(EventBus.batches(of: [detail(limit)]) == [], "it goes in no call")
        #expect(EventBus.batches(of: [entry(), detail(limit), entry()]) == [[0, 2]])
        #expect(EventBus.batches(of: [detail(1000), detail(limit - 1001)]) == [[0, 1]])
        #expect(EventBus.batches(of: [detail(1000), detail(limit - 1000)]) == [[0], [1]])
    }
}
