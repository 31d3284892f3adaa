import NIOCore

/// What the runtime API answers, written as bytes without further ado.
struct RuntimeReply {
    var status: Int
    var headers: [(name: String, value: String)] = [("Content-Type", "application/json")]
    var body: ByteBuffer

    /// Lambda's own server sends longer bodies in chunks, and parsers that know only lengths fail on them.
    private static let longestUnchunked = 2_048
    private static let chunk = 32_768

    static func accepted() -> RuntimeReply {
        RuntimeReply(status: 202, body: ByteBuffer(string: #"{"status":"OK"}"# + "\n"))
    }

    static func refused(_ status: Int, _ type: String, _ message: String) -> RuntimeReply {
        let body = #"{"errorMessage":\#(quoted(message)),"errorType":\#(quoted(type))}"#
        return RuntimeReply(status: status, body: ByteBuffer(string: body + "\n"))
    }

    static func wrongState(_ state: String, _ wanted: String) -> RuntimeReply {
        refused(
            403, "InvalidStateTransition",
            "Transition from \(state) to \(wanted) failed for runtime. Error: State transition is not allowed"
        )
    }

    static let invalidRequestID = refused(400, "InvalidRequestID", "Invalid request ID")

    static func quoted(_ text: String) -> String {
        var result = "\""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"": result += "\\\""
            case "\\": result += "\\\\"
            case "\n": result += "\\n"
            case "\r": result += "\\r"
            case "\t": result += "\\t"
            case "\u{0}"..<" ":
                let digits = String(scalar.value, radix: 16)
                result += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
            default: result.unicodeScalars.append(scalar)
            }
        }
        return result + "\""
    }

    func encoded(closes: Bool, allocator: ByteBufferAllocator) -> ByteBuffer {
        var bytes = allocator.buffer(capacity: 512 + body.readableBytes)
        bytes.writeString("HTTP/1.1 \(status) \(Self.reasons[status] ?? "Status")\r\n")
        for (name, value) in headers {
            bytes.writeString(name)
            bytes.writeString(": ")
            bytes.writeString(value)
            bytes.writeString("\r\n")
        }
        if closes { bytes.writeString("Connection: close\r\n") }
        guard body.readableBytes > Self.longestUnchunked else {
            bytes.writeString("Content-Length: \(body.readableBytes)\r\n\r\n")
            bytes.writeImmutableBuffer(body)
            return bytes
        }
        bytes.writeString("Transfer-Encoding: chunked\r\n\r\n")
        var rest = body
        while let part = rest.readSlice(length: min(Self.chunk, rest.readableBytes)), part.readableBytes > 0 {
            bytes.writeString(String(part.readableBytes, radix: 16))
            bytes.writeString("\r\n")
            bytes.writeImmutableBuffer(part)
            bytes.writeString("\r\n")
        }
        bytes.writeString("0\r\n\r\n")
        return bytes
    }

    private static let reasons = [
        200: "OK", 202: "Accepted", 400: "Bad Request", 403: "Forbidden", 404: "Not Found",
        405: "Method Not Allowed", 413: "Request Entity Too Large", 500: "Internal Server Error",
    ]
}
