import Foundation
import Platform

/// A span as the console's page reads it. Moments are microseconds since 1970, which JavaScript's numbers
/// hold exactly.
struct ConsoleSpan: Codable, Hashable, Sendable {
    struct Link: Codable, Hashable, Sendable {
        var trace: String
        var span: String
    }

    var trace: String
    var span: String
    var parent: String?
    var name: String
    /// Whose it is: a function's name, or the gateway.
    var service: String
    /// `server`, `client`, `producer`, `consumer` or `internal`.
    var kind: String
    var start: Int64
    var end: Int64
    var attributes: [String: String]
    var fault: String?
    var links: [Link] = []
}

extension ConsoleSpan {
    init(_ span: GatewaySpan) {
        let start = span.start.microseconds
        self.init(
            trace: span.trace, span: span.span, parent: span.parent, name: span.route, service: "gateway",
            kind: "server", start: start, end: start + Int64(span.took / .microseconds(1)),
            attributes: ["http.response.status_code": "\(span.status)", "function": span.function ?? ""],
            fault: span.status >= 500 ? "status \(span.status)" : nil)
    }
}

/// What a function sends: OpenTelemetry's protocol over HTTP, in its JSON form.
/// https://opentelemetry.io/docs/specs/otlp/#json-protobuf-encoding
struct CollectedTraces: Decodable {
    struct Value: Decodable {
        var stringValue: String?
        var intValue: String?
        var boolValue: Bool?
        var doubleValue: Double?

        var text: String {
            stringValue ?? intValue ?? boolValue.map { "\($0)" } ?? doubleValue.map { "\($0)" } ?? ""
        }
    }

    struct Attribute: Decodable {
        var key: String
        var value: Value
    }

    struct Resource: Decodable { var attributes: [Attribute]? }
    struct Link: Decodable {
        var traceId: String
        var spanId: String
    }

    struct Status: Decodable {
        var code: Int?
        var message: String?
    }

    struct Span: Decodable {
        var traceId: String
        var spanId: String
        var parentSpanId: String?
        var name: String
        var kind: Int?
        var startTimeUnixNano: String
        var endTimeUnixNano: String
        var attributes: [Attribute]?
        var links: [Link]?
        var status: Status?
    }

    struct Scope: Decodable { var spans: [Span]? }
    struct Group: Decodable {
        var resource: Resource?
        var scopeSpans: [Scope]?
    }

    var resourceSpans: [Group]?

    private static let kinds = ["internal", "internal", "server", "client", "producer", "consumer"]

    /// Spans whose ids or times are none are left out.
    var spans: [ConsoleSpan] {
        (resourceSpans ?? []).flatMap { group in
            let service = group.resource?.attributes?.first { $0.key == "service.name" }?.value.text
            return (group.scopeSpans ?? []).flatMap { $0.spans ?? [] }.compactMap { span in
                Self.told(span, service ?? "")
            }
        }
    }

    private static func told(_ span: Span, _ service: String) -> ConsoleSpan? {
        guard isID(span.traceId, 32), isID(span.spanId, 16), let start = Int64(span.startTimeUnixNano),
            let end = Int64(span.endTimeUnixNano), start >= 0, end >= start
        else { return nil }
        let kind = span.kind.flatMap { kinds.indices.contains($0) ? kinds[$0] : nil } ?? "internal"
        let attributes = (span.attributes ?? []).prefix(64).map {
            (clipped($0.key, 100), clipped($0.value.text, 1_000))
        }
        return ConsoleSpan(
            trace: span.traceId.lowercased(), span: span.spanId.lowercased(),
            parent: span.parentSpanId.flatMap { $0.isEmpty ? nil : $0.lowercased() },
            name: clipped(span.name, 200), service: clipped(service, 100), kind: kind, start: start / 1_000,
            end: end / 1_000, attributes: Dictionary(attributes) { $1 },
            fault: span.status?.code == 2 ? clipped(span.status?.message ?? "error", 200) : nil,
            links: (span.links ?? []).prefix(16).map { .init(trace: $0.traceId, span: $0.spanId) })
    }

    private static func isID(_ text: String, _ count: Int) -> Bool {
        text.utf8.count == count && text.allSatisfy(\.isHexDigit)
    }

    private static func clipped(_ text: String, _ most: Int) -> String {
        text.count <= most ? text : text.prefix(most - 1) + "…"
    }
}
