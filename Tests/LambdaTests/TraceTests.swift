import Foundation
import Synchronization
import Testing

@testable import Lambda

/// Where an event stands in a trace, and what a collector is told of it.
struct TraceTests {
    private static let trace = "5759e988bd862e3fe1be46a994272793"
    private static let header = "Root=1-5759e988-bd862e3fe1be46a994272793;Parent=53995c3f42cd8ad8;Sampled=1"

    @Test(arguments: [
        (header, header), ("Self=x; \(header)", header),
        (
            "Sampled=0;Root=1-5759e988-bd862e3fe1be46a994272793",
            "Root=1-5759e988-bd862e3fe1be46a994272793;Sampled=0"
        ),
        // Who says nothing of sampling has not decided to write.
        (
            "Root=1-5759e988-bd862e3fe1be46a994272793;Parent=0",
            "Root=1-5759e988-bd862e3fe1be46a994272793;Sampled=0"
        ),
        ("Root=1-5759e988-BD862e3fe1be46a994272793;Sampled=1", nil),
        ("Root=2-5759e988-bd862e3fe1be46a994272793", nil),
        ("Root=1-5759e988", nil), ("Root=1-00000000-000000000000000000000000", nil), ("", nil),
        ("Parent=53995c3f42cd8ad8", nil),
    ])
    func `a header is read, or it is none`(header: String, read: String?) {
        #expect(TraceContext(header: header)?.header == read)
    }

    @Test func `a trace goes on in both forms`() throws {
        let context = try #require(TraceContext(header: Self.header))
        #expect(context.traceparent == "00-\(Self.trace)-53995c3f42cd8ad8-01")
        let below = context.child()
        #expect(below.trace == context.trace && below.span != context.span && below.isSampled)
        #expect(TraceContext(header: below.header) == below)
    }

    private struct Sent: Decodable {
        struct Value: Decodable {
            let stringValue: String?, intValue: String?, boolValue: Bool?
            var text: String? { stringValue ?? intValue ?? boolValue.map { "\($0)" } }
        }
        struct Attribute: Decodable { let key: String, value: Value }
        struct Link: Decodable { let traceId: String, spanId: String }
        struct Status: Decodable { let code: Int, message: String }
        struct Span: Decodable {
            let traceId: String, spanId: String, parentSpanId: String?, name: String, kind: Int
            let startTimeUnixNano: String, endTimeUnixNano: String
            let attributes: [Attribute], links: [Link]?, status: Status?
            subscript(key: String) -> String? { attributes.first { $0.key == key }?.value.text }
        }
        struct Resource: Decodable { let attributes: [Attribute] }
        struct Scope: Decodable { let spans: [Span] }
        struct Group: Decodable { let resource: Resource, scopeSpans: [Scope] }
        let resourceSpans: [Group]
        var spans: [Span] { resourceSpans.flatMap { $0.scopeSpans.flatMap(\.spans) } }
        func span(_ name: String) throws -> Span { try #require(spans.first { $0.name == name }, "\(spans)") }
    }

    private func exporter(to collector: Platform) throws -> TraceExporter {
        try #require(TraceExporter("http://\(collector.address.authority)/v1/traces", service: "checkout"))
    }

    private func event(_ trace: String?) -> Reply {
        .event("{}", headers: trace.map { "Lambda-Runtime-Trace-Id: \($0)\r\n" } ?? "")
    }

    @Test func `spans are sent after the answer and before the next poll`() throws {
        let order = Mutex<[String]>([])
        func noted(_ name: String) -> @Sendable () -> Void { { order.withLock { $0.append(name) } } }
        let collector = Platform([.status(200).before(noted("spans")), .status(200)])
        defer { collector.close() }
        let platform = Platform([
            event(Self.header), .accepted.before(noted("response")), event(Self.header).before(noted("next")),
            .accepted,
        ])
        let run = runLoop(
            platform, exporter: try exporter(to: collector),
            Triggers(direct: { payload, _ in
                Trace.span("inner", .client, ["peer.service": .text("stripe")]) {
                    Trace.note("n", .number(7))
                }
                return payload
            }))
        #expect(run.steps == ["next", "response", "next", "response", "next"])
        #expect(order.withLock { $0 } == ["response", "spans", "next"])
        let request = try #require(collector.requests.first)
        #expect(request.method == "POST" && request.path == "/v1/traces")
        #expect(request.headers["content-type"] == "application/json")
        let sent = try JSONDecoder().decode(Sent.self, from: Data(request.body))
        #expect(sent.resourceSpans.first?.resource.attributes.first?.value.text == "checkout")
        let (whole, inner) = (try sent.span("direct"), try sent.span("inner"))
        #expect(whole.traceId == Self.trace && whole.parentSpanId == "53995c3f42cd8ad8" && whole.kind == 2)
        #expect(whole["faas.coldstart"] == "true" && whole["faas.invocation_id"] != nil)
        #expect(
            inner.parentSpanId == whole.spanId && inner.kind == 3 && inner["peer.service"] == "stripe"
                && inner["n"] == "7")
        let times = [
            whole.startTimeUnixNano, inner.startTimeUnixNano, inner.endTimeUnixNano, whole.endTimeUnixNano,
        ]
        #expect(times == times.sorted { Int($0)! < Int($1)! })
        let second = try JSONDecoder().decode(Sent.self, from: Data(collector.requests[1].body))
        #expect(try second.span("direct")["faas.coldstart"] == "false")
    }

    @Test(arguments: [nil, header.replacingOccurrences(of: "Sampled=1", with: "Sampled=0"), "Root=none"])
    func `nothing is sent of what is not sampled`(trace: String?) throws {
        let collector = Platform([.status(200)])
        defer { collector.close() }
        let run = runLoop(
            Platform([event(trace), .accepted]), exporter: try exporter(to: collector),
            Triggers(direct: { payload, _ in
                #expect(Trace.context == nil)
                return Trace.span("inner") { payload }
            }))
        #expect(run.steps == ["next", "response", "next"])
        #expect(collector.requests.isEmpty)
    }

    @Test(arguments: [Reply("").then(.open), .closed, .reset, .status(503), Reply("nothing of HTTP\r\n\r\n")])
    func `a collector that fails disturbs nobody, and is left alone`(reply: Reply) throws {
        let collector = Platform([reply, reply, reply, reply])
        defer { collector.close() }
        let run = runLoop(
            Platform([event(Self.header), .accepted, event(Self.header), .accepted]),
            exporter: try exporter(to: collector),
            Triggers(direct: { payload, _ in payload }))
        #expect(run.status == 0)
        #expect(run.steps == ["next", "response", "next", "response", "next"])
        #expect(run.messages == ["spans were not taken"])
        #expect(collector.requests.count == 1)
    }

    @Test func `a collector that is not there disturbs nobody`() throws {
        let gone = Platform([])
        gone.close()
        let run = runLoop(
            Platform([event(Self.header), .accepted]), exporter: try exporter(to: gone),
            Triggers(direct: { payload, _ in payload }))
        #expect(run.steps == ["next", "response", "next"])
    }

    @Test(arguments: [
        "https://collector:4318", "localhost:4318", "http://", "http://a b", "http://u:p@host:4318",
        "http://h:0",
    ])
    func `only plain HTTP is spoken with a collector`(url: String) {
        #expect(TraceExporter(url, service: "s") == nil)
    }

    /// What a recorder has after `body`, by the names of the spans.
    private func recorded(_ header: String?, _ body: () -> Void) -> [String: TraceSpan] {
        let recorder = TraceRecorder()
        Trace.invocation(Invocation(traceID: header), isFirst: false, recorder, body)
        return Dictionary(recorder.take().map { ($0.name, $0) }) { first, _ in first }
    }

    private func batch(_ traces: [String]) -> [UInt8] {
        let records = traces.enumerated().map { index, trace in
            #"{"messageId":"m\#(index)","eventSource":"aws:sqs","body":"{}","attributes":{"AWSTraceHeader":"\#(trace)"}}"#
        }
        return [UInt8](#"{"Records":[\#(records.joined(separator: ","))]}"#.utf8)
    }

    @Test func `a message belongs to its sender's trace, and is linked to the event by which it came`() throws
    {
        let foreign = "Root=1-00000001-000000000000000000000002;Parent=0000000000000003;Sampled=1"
        var inside: [String?] = []
        let triggers = Triggers<World>(queue: { _, _ in inside.append(Trace.context?.trace) })
        let spans = recorded(Self.header) {
            _ = try? triggers.outcome(of: batch([foreign]), Invocation(), in: World())
        }
        let (message, event) = (try #require(spans["message"]), try #require(spans["queue"]))
        #expect(
            message.context.trace == "00000001000000000000000000000002"
                && message.parent == "0000000000000003")
        #expect(message.links == [event.context])
        #expect(event.context.trace == Self.trace)
        #expect(inside == [message.context.trace])

        let same = recorded(Self.header) {
            _ = try? triggers.outcome(of: batch([Self.header]), Invocation(), in: World())
        }
        #expect(same["message"]?.parent == same["queue"]?.context.span && same["message"]?.links == [])
    }

    @Test func `a request is told by its route, and never by its path`() throws {
        var request = Request("GET /api/v1/orders/{id}", parameters: ["id": "of-ada@example.com"])
        request.query = try Query(parsing: "q=secret")
        let recorder = TraceRecorder()
        Trace.invocation(Invocation(traceID: Self.header), isFirst: true, recorder) {
            _ = Lambda.answer(request) { _ in throw Breakdown() }
        }
        let spans = recorder.take()
        let document = String(decoding: TraceDocument(service: "orders").encoded(spans), as: UTF8.self)
        #expect(spans.first?.name == "GET /api/v1/orders/{id}" && spans.first?.fault == "Breakdown")
        #expect(spans.first?.attributes["http.response.status_code"] == .number(500))
        for secret in ["ada", "secret", "disk"] { #expect(!document.contains(secret)) }
    }

    @Test func `of very many spans the first are kept, and the event's own`() throws {
        let spans = TraceRecorder()
        Trace.invocation(Invocation(traceID: Self.header), isFirst: true, spans) {
            for _ in 0..<600 { Trace.add("transaction", .client, [:], took: .microseconds(1)) }
        }
        let kept = spans.take()
        #expect(kept.count == TraceRecorder.most + 1)
        #expect(kept.last?.attributes["earshelf.spans_left_out"] == .number(600 - TraceRecorder.most))
    }
}
