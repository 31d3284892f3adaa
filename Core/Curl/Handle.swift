internal import CCurl
internal import HTTP

/// One libcurl handle: a request is sent once, and its connection kept for the next.
final class Handle {
    private let curl: OpaquePointer

    init() {
        _ = Self.library
        curl = OpaquePointer(curl_easy_init()!)
    }

    deinit { curl_easy_cleanup(raw) }

    private var raw: UnsafeMutableRawPointer { UnsafeMutableRawPointer(curl) }
    /// Once in a process, before any handle; 3 is `CURL_GLOBAL_ALL`.
    private static let library = curl_global_init(3)

    func send(
        _ request: Request, until end: ContinuousClock.Instant, certificates: String, largestBody: Int
    ) throws(Failure) -> Response {
        let address = try Address(request.url)
        let left = Int((end - .now) / .milliseconds(1))
        guard left > 0 else { throw Failure(.timeout, "\(address.host): no time left to ask") }
        let head = Sink(limit: 256 << 10), body = Sink(limit: largestBody)
        curl_easy_reset(raw)
        let fields = try list(of: request)
        defer { curl_slist_free_all(fields) }
        setSafety(certificates, isPlain: address.isPlain, isRepeatable: request.repeatable)
        set(CURLOPT_URL, request.url)
        set(CURLOPT_TIMEOUT_MS, left)
        // So that a connection that is not made leaves time to try again.
        set(CURLOPT_CONNECTTIMEOUT_MS, max(1, min(left / 3, 3000)))
        _ = curl_set_pointer(raw, CURLOPT_HTTPHEADER, fields)
        head.collect(CURLOPT_HEADERFUNCTION, CURLOPT_HEADERDATA, of: raw)
        body.collect(CURLOPT_WRITEFUNCTION, CURLOPT_WRITEDATA, of: raw)
        let code = request.body.withUnsafeBufferPointer { bytes in
            setMethod(request.method, bytes)
            return curl_easy_perform(raw)
        }
        guard code == CURLE_OK else {
            throw Failure(code, host: address.host, tooLarge: head.isOverfull || body.isOverfull)
        }
        var status = 0
        _ = curl_get_long(raw, CURLINFO_RESPONSE_CODE, &status)
        return Response(status: status, headers: Head(head.bytes).headers, body: body.bytes)
    }

    private func setSafety(_ certificates: String, isPlain: Bool, isRepeatable: Bool) {
        set(CURLOPT_PROTOCOLS_STR, isPlain ? "http" : "https")
        set(CURLOPT_CAPATH, certificates)
        // Debian's libcurl would parse its whole bundle of roots at the first call: 15 ms.
        _ = curl_set_pointer(raw, CURLOPT_CAINFO, nil)
        set(CURLOPT_SSL_VERIFYPEER, 1)
        set(CURLOPT_SSL_VERIFYHOST, 2)
        set(CURLOPT_SSLVERSION, 6)  // CURL_SSLVERSION_TLSv1_2, and later
        set(CURLOPT_HTTP_VERSION, 2)  // CURL_HTTP_VERSION_1_1
        set(CURLOPT_FOLLOWLOCATION, 0)
        set(CURLOPT_PROXY, "")
        set(CURLOPT_NOSIGNAL, 1)
        // A signed path is sent as it was signed, dots and all.
        set(CURLOPT_PATH_AS_IS, 1)
        set(CURLOPT_MAXAGE_CONN, 60)
        // libcurl sends a request again, of any method, when a kept connection turns out to be closed.
        set(CURLOPT_FRESH_CONNECT, isRepeatable ? 0 : 1)
    }

    private func setMethod(_ method: String, _ bytes: UnsafeBufferPointer<UInt8>) {
        if bytes.isEmpty, method == "HEAD" {
            set(CURLOPT_NOBODY, 1)
        } else if !bytes.isEmpty || method == "POST" || method == "PUT" || method == "PATCH" {
            set(CURLOPT_POST, 1)
            set(CURLOPT_POSTFIELDSIZE_LARGE, bytes.count)
            _ = curl_set_pointer(raw, CURLOPT_POSTFIELDS, bytes.baseAddress ?? UnsafePointer(bitPattern: 1))
        }
        set(CURLOPT_CUSTOMREQUEST, method)
    }

    /// The request's fields, and the removal of those that libcurl would add of itself.
    private func list(of request: Request) throws(Failure) -> UnsafeMutablePointer<curl_slist>? {
        var lines: [String] = []
        for field in request.headers {
            guard !(field.name + field.value).utf8.contains(where: { $0 < 32 || $0 == 127 }) else {
                throw Failure(.other, "a header field holds a control character")
            }
            lines.append(field.value.isEmpty ? "\(field.name);" : "\(field.name): \(field.value)")
        }
        let given = Set(request.headers.map { $0.name.lowercased() })
        for name in ["accept", "content-type", "expect"] where !given.contains(name) {
            lines.append(name + ":")
        }
        if !given.contains("user-agent") { lines.append("User-Agent: earshelf") }
        return lines.reduce(nil) { curl_slist_append($0, $1) }
    }

    private func set(_ option: CURLoption, _ value: Int) { _ = curl_set_long(raw, option, value) }

    /// libcurl copies texts.
    private func set(_ option: CURLoption, _ text: String) {
        _ = text.withCString { curl_set_pointer(raw, option, $0) }
    }
}

/// Where a request goes, as libcurl itself reads it: what is checked is what is called.
private struct Address {
    let host: String
    let isPlain: Bool

    init(_ url: String) throws(Failure) {
        let parsed = curl_url()
        defer { curl_url_cleanup(parsed) }
        guard !url.utf8.contains(0),
            curl_url_set(parsed, CURLUPART_URL, url, UInt32(CURLU_DISALLOW_USER)) == CURLUE_OK,
            let scheme = Self.part(CURLUPART_SCHEME, of: parsed),
            let host = Self.part(CURLUPART_HOST, of: parsed)
        else { throw Failure(.other, "the URL is not one that can be called") }
        (self.host, isPlain) = (host, scheme == "http")
        guard scheme == "https" || isPlain && Self.isThisMachine(host) else {
            throw Failure(.other, "\(host): only https is spoken with others than this machine")
        }
    }

    private static func isThisMachine(_ host: String) -> Bool {
        let octets = host.split(separator: ".", omittingEmptySubsequences: false)
        return host == "localhost" || host == "[::1]"
            || octets.count == 4 && octets[0] == "127" && octets.allSatisfy { UInt8($0) != nil }
    }

    private static func part(_ part: CURLUPart, of parsed: OpaquePointer?) -> String? {
        var text: UnsafeMutablePointer<CChar>?
        guard curl_url_get(parsed, part, &text, 0) == CURLUE_OK, let text else { return nil }
        defer { curl_free(text) }
        return String(cString: text)
    }
}
