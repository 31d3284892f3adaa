import Foundation
import Testing

@testable import Lambda

/// The line at the end of an event, taken apart as CloudWatch does.
struct MetricsTests {
    private struct Metric: Decodable, Hashable {
        let name: String, unit: String
        enum CodingKeys: String, CodingKey { case name = "Name", unit = "Unit" }
    }

    private struct Directive: Decodable {
        let namespace: String, dimensions: [[String]], metrics: [Metric]
        enum CodingKeys: String, CodingKey {
            case namespace = "Namespace", dimensions = "Dimensions", metrics = "Metrics"
        }
    }

    private struct Metadata: Decodable {
        let timestamp: Int64, directives: [Directive]
        enum CodingKeys: String, CodingKey { case timestamp = "Timestamp", directives = "CloudWatchMetrics" }
    }

    private struct Line: Decodable {
        let metadata: Metadata
        enum CodingKeys: String, CodingKey { case metadata = "_aws" }
    }

    private struct Told {
        let values: [String: Double], texts: [String: String], directive: Directive
    }

    /// What is told of one event.
    private func told(
        isFirst: Bool = false, in namespace: String? = "Shop", _ body: () -> Void
    ) throws -> [Told] {
        let lines = Lines()
        Log.$sink.withValue({ lines.append($0) }) {
            Metrics.event(Invocation(id: "r1"), isFirst: isFirst, in: namespace, body)
        }
        return try lines.raw.filter { $0.contains("_aws") }.map { text in
            let data = Data(text.utf8)
            let members = try #require(JSONSerialization.jsonObject(with: data) as? [String: Any])
            let directive = try #require(
                try JSONDecoder().decode(Line.self, from: data).metadata.directives.first)
            return Told(
                values: members.compactMapValues { $0 as? Double },
                texts: members.compactMapValues { $0 as? String },
                directive: directive)
        }
    }

    private func answered(_ request: Request, _ handler: (Request) throws -> Response) throws -> Told {
        try #require(told { _ = Lambda.answer(request, with: handler) }.first)
    }

    @Test func `an event is one line, and each metric and dimension is a member of it`() throws {
        let all = try told(isFirst: true) {
            Telling.kind("queue", .consumer)
            Metrics.add(.chunksHeard, 2)
            Metrics.add(.chunksHeard)
            Metrics.add(.eventsTold, 0)
        }
        let one = try #require(all.first)
        #expect(all.count == 1)
        #expect(one.directive.namespace == "Shop" && one.directive.dimensions == [["function", "trigger"]])
        #expect(one.texts == ["function": "function", "trigger": "queue", "requestId": "r1"])
        for metric in one.directive.metrics { #expect(one.values[metric.name] != nil, "\(metric)") }
        #expect(Set(one.directive.metrics.map(\.name)) == Set(one.values.keys))
        #expect(one.values["events"] == 1 && one.values["coldStarts"] == 1 && one.values["chunksHeard"] == 3)
        #expect(one.values["faults"] == 0 && one.values["refusals"] == 0 && one.values["eventsTold"] == nil)
        #expect(one.directive.metrics.first { $0.name == "duration" }?.unit == "Milliseconds")
    }

    @Test func `a refusal is none of our faults, and an error is one`() throws {
        let request = Request("GET /api/v1/orders/{id}", parameters: ["id": "of-ada@example.com"])
        let fine = try answered(request) { _ in .noContent }
        #expect(fine.values["faults"] == 0 && fine.values["refusals"] == 0 && fine.values["coldStarts"] == 0)
        #expect(fine.texts["trigger"] == "GET /api/v1/orders/{id}")
        let refused = try answered(request) { _ in throw Problem(404, "not-found", "Nothing.") }
        #expect(refused.values["faults"] == 0 && refused.values["refusals"] == 1)
        let broken = try answered(request) { _ in throw Breakdown() }
        #expect(broken.values["faults"] == 1 && broken.values["refusals"] == 0)
        for one in [fine, refused, broken] { #expect(!"\(one)".contains("ada")) }
    }

    @Test func `each message that failed is a fault`() throws {
        let record = #"{"messageId":"m","eventSource":"aws:sqs","body":"{}"}"#
        let batch = [UInt8](#"{"Records":[\#(record),\#(record)]}"#.utf8)
        let one = try #require(
            told {
                _ = try? Triggers<World>(queue: { _, _ in throw Breakdown() })
                    .outcome(of: batch, Invocation(), in: World())
            }.first)
        #expect(one.values["faults"] == 2 && one.texts["trigger"] == "queue")
    }

    @Test func `nobody counts where there is no namespace`() throws {
        #expect(try told(in: nil) { Metrics.add(.ordersPaid) }.isEmpty)
    }
}
