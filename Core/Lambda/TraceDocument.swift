/// Spans in the JSON form of OpenTelemetry's protocol: ids in hexadecimal, times in nanoseconds as texts.
/// https://opentelemetry.io/docs/specs/otlp/#json-protobuf-encoding
struct TraceDocument {
    /// Whose spans they are: the function's name.
    let service: String

    func encoded(_ spans: [TraceSpan]) -> [UInt8] {
        var json: [UInt8] = []
        json.reserveCapacity(512 * spans.count + 256)
        json.append(#"{"resourceSpans":[{"resource":{"attributes":["#)
        json.append("service.name", .text(service))
        json.append(#"]},"scopeSpans":[{"scope":{"name":"earshelf"},"spans":["#)
        for (index, span) in spans.enumerated() {
            if index > 0 { json.append(UInt8(ascii: ",")) }
            append(span, to: &json)
        }
        json.append("]}]}]}")
        return json
    }

    private func append(_ span: TraceSpan, to json: inout [UInt8]) {
        json.append(#"{"traceId":"\#(span.context.trace)","spanId":"\#(span.context.span ?? "")""#)
        if let parent = span.parent { json.append(#","parentSpanId":"\#(parent)""#) }
        json.append(#","name":"#)
        json.appendJSON(span.name)
        json.append(#","kind":\#(span.kind.rawValue),"startTimeUnixNano":"\#(span.start)""#)
        json.append(#","endTimeUnixNano":"\#(span.end ?? span.start)","attributes":["#)
        for (index, attribute) in span.attributes.sorted(by: { $0.key < $1.key }).enumerated() {
            if index > 0 { json.append(UInt8(ascii: ",")) }
            json.append(attribute.key, attribute.value)
        }
        json.append("]")
        if !span.links.isEmpty {
            let links = span.links.map { #"{"traceId":"\#($0.trace)","spanId":"\#($0.span ?? "")"}"# }
            json.append(#","links":[\#(links.joined(separator: ","))]"#)
        }
        // STATUS_CODE_ERROR; without it the status is unset, which is what success is told by.
        if let fault = span.fault {
            json.append(#","status":{"code":2,"message":"#)
            json.appendJSON(fault)
            json.append("}")
        }
        json.append("}")
    }
}

extension [UInt8] {
    fileprivate mutating func append(_ text: String) { append(contentsOf: text.utf8) }

    /// A number is a text, as JSON's own lose digits beyond 53 bits.
    fileprivate mutating func append(_ name: String, _ value: TraceValue) {
        append(#"{"key":"#)
        appendJSON(name)
        append(#","value":{"#)
        switch value {
        case .text(let text):
            append(#""stringValue":"#)
            appendJSON(text)
        case .number(let number): append(#""intValue":"\#(number)""#)
        case .flag(let flag): append(#""boolValue":\#(flag)"#)
        }
        append("}}")
    }
}
