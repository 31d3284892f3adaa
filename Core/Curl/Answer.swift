internal import CCurl
internal import HTTP

/// Takes in what libcurl hands over, up to a limit.
final class Sink {
    private(set) var bytes: [UInt8] = []
    private(set) var isOverfull = false
    private let limit: Int

    init(limit: Int) { self.limit = limit }

    /// The sink must outlive the transfer.
    func collect(_ function: CURLoption, _ data: CURLoption, of curl: UnsafeMutableRawPointer) {
        _ = curl_set_pointer(curl, data, Unmanaged.passUnretained(self).toOpaque())
        _ = curl_set_sink(curl, function) { start, size, count, sink in
            let sink = Unmanaged<Sink>.fromOpaque(sink!).takeUnretainedValue()
            return sink.take(UnsafeRawBufferPointer(start: start, count: size * count)) ? size * count : 0
        }
    }

    private func take(_ more: UnsafeRawBufferPointer) -> Bool {
        guard bytes.count + more.count <= limit else {
            isOverfull = true
            return false
        }
        bytes.append(contentsOf: more)
        return true
    }
}

/// The fields of the last head that came: earlier ones are of answers like `100 Continue`, and what follows
/// the body is left out.
struct Head {
    private(set) var headers: [String: String] = [:]

    init(_ bytes: [UInt8]) {
        var isOpen = false
        for line in bytes.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false) {
            let text = String(decoding: line, as: UTF8.self)
            if text.hasPrefix("HTTP/") {
                headers = [:]
                isOpen = true
            } else if text.allSatisfy(\.isWhitespace) {
                isOpen = false
            } else if isOpen, let colon = line.firstIndex(of: UInt8(ascii: ":")) {
                let name = String(decoding: line[..<colon], as: UTF8.self).lowercased()
                let value = Self.trimmed(line[(colon + 1)...])
                headers[name] = headers[name].map { $0 + ", " + value } ?? value
            }
        }
    }

    private static func trimmed(_ bytes: ArraySlice<UInt8>) -> String {
        let isBlank: (UInt8) -> Bool = { $0 == 32 || $0 == 9 || $0 == 13 }
        let start = bytes.drop(while: isBlank)
        let end = start.lastIndex { !isBlank($0) }.map { $0 + 1 } ?? start.startIndex
        return String(decoding: start[..<end], as: UTF8.self)
    }
}

extension Failure {
    init(_ code: CURLcode, host: String, tooLarge: Bool) {
        let kind: Kind =
            switch code {
            case _ where tooLarge: .tooLarge
            case CURLE_OPERATION_TIMEDOUT: .timeout
            case CURLE_COULDNT_RESOLVE_HOST, CURLE_COULDNT_CONNECT, CURLE_SEND_ERROR, CURLE_RECV_ERROR,
                CURLE_GOT_NOTHING, CURLE_PARTIAL_FILE:
                .connect
            case CURLE_SSL_CONNECT_ERROR, CURLE_PEER_FAILED_VERIFICATION, CURLE_SSL_CACERT_BADFILE,
                CURLE_SSL_ISSUER_ERROR, CURLE_SSL_CERTPROBLEM, CURLE_SSL_CIPHER:
                .tls
            default: .other
            }
        let reason =
            tooLarge ? "the answer is larger than was allowed" : String(cString: curl_easy_strerror(code))
        self.init(kind, "\(host): \(reason)")
    }
}
