import Cryptography
public import HTTP

/// AWS Signature Version 4 for one service in one region.
/// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html
public struct Signer: Sendable {
    public enum Service: Hashable, Sendable {
        /// Its path is signed as it is sent: a key may hold `//`.
        case s3
        /// By its signing name. Its path is normalised and encoded once more before it is signed.
        case other(String)

        public static let sqs = Service.other("sqs")
        /// EventBridge.
        public static let events = Service.other("events")
        /// A domain of OpenSearch, which goes by its former name.
        public static let openSearch = Service.other("es")

        var name: String {
            switch self {
            case .s3: "s3"
            case .other(let name): name
            }
        }
    }

    static let algorithm = "AWS4-HMAC-SHA256"

    let credentials: Credentials
    let region: Region
    let service: Service

    public init(_ service: Service, in region: Region, by credentials: Credentials) {
        (self.service, self.region, self.credentials) = (service, region, credentials)
    }

    /// The request with the headers that prove who sends it and that nothing in it was changed.
    ///
    /// It is good for 15 minutes around the instant. All headers in it are signed but those that the way may
    /// change.
    public func signed(_ request: Request, at instant: Instant) throws(SigningError) -> Request {
        guard let location = Location(request.url) else { throw .malformedEndpoint }
        let payload = Hex.encoded(SHA256.hash(request.body))
        var request = request
        request.headers.append(Header("x-amz-date", instant.dateTime))
        if let token = credentials.sessionToken {
            request.headers.append(Header("x-amz-security-token", token))
        }
        if service == .s3 { request.headers.append(Header("x-amz-content-sha256", payload)) }
        let headers = try CanonicalHeaders(request.headers, host: location.host)
        let signature = signature(
            of: canonicalRequest(
                request.method, path: location.path, query: location.query, headers: headers, payload: payload
            ),
            at: instant)
        request.headers.append(
            Header(
                "authorization",
                "\(Self.algorithm) Credential=\(credentials.accessKeyID)/\(scope(at: instant)), "
                    + "SignedHeaders=\(headers.names), Signature=\(signature)"))
        return request
    }

    func scope(at instant: Instant) -> String {
        "\(instant.date)/\(region.name)/\(service.name)/aws4_request"
    }

    func canonicalRequest(
        _ method: String, path: String, query: String, headers: CanonicalHeaders, payload: String
    ) -> String {
        let path =
            service == .s3 ? path : PercentEncoding.encoded(Self.normalised(path), keepingSlashes: true)
        let query = Self.canonicalQuery(query)
        return "\(method)\n\(path)\n\(query)\n\(headers.lines)\n\(headers.names)\n\(payload)"
    }

    func signature(of canonicalRequest: String, at instant: Instant) -> String {
        let text =
            "\(Self.algorithm)\n\(instant.dateTime)\n\(scope(at: instant))\n"
            + Hex.encoded(SHA256.hash(canonicalRequest))
        return Hex.encoded(HMAC.sha256(key: signingKey(at: instant), message: text))
    }

    func signingKey(at instant: Instant) -> [UInt8] {
        let ofDate = HMAC.sha256(key: Array("AWS4\(credentials.secretAccessKey)".utf8), message: instant.date)
        let ofRegion = HMAC.sha256(key: ofDate, message: region.name)
        let ofService = HMAC.sha256(key: ofRegion, message: service.name)
        return HMAC.sha256(key: ofService, message: "aws4_request")
    }

    /// Sorted by the encoded bytes of name, then value; a name without a value has an empty one.
    private static func canonicalQuery(_ query: String) -> String {
        guard !query.isEmpty else { return "" }
        let pairs = query.split(separator: "&", omittingEmptySubsequences: false).map { (pair: Substring) in
            let end = pair.firstIndex(of: "=") ?? pair.endIndex
            return (name: pair[..<end], value: pair[end...].dropFirst())
        }
        return pairs.sorted { $0 < $1 }.map { "\($0.name)=\($0.value)" }.joined(separator: "&")
    }

    /// Without empty segments, `.` and `..` (RFC 3986, section 5.2.4).
    private static func normalised(_ path: String) -> String {
        var segments: [Substring] = []
        for segment in path.split(separator: "/") where segment != "." {
            if segment == ".." { _ = segments.popLast() } else { segments.append(segment) }
        }
        let end = path.hasSuffix("/") && !segments.isEmpty ? "/" : ""
        return "/" + segments.joined(separator: "/") + end
    }
}

/// The signed headers as they are signed: small names in byte order, values without needless blanks.
struct CanonicalHeaders {
    /// Each ends in a line break.
    let lines: String
    /// Joined by semicolons.
    let names: String

    /// What proxies, or the sender's own library, add and change: it cannot be signed.
    private static let unsigned: Set<String> = [
        "connection", "expect", "keep-alive", "proxy-authenticate", "proxy-authorization", "te", "trailer",
        "transfer-encoding", "upgrade", "user-agent", "x-amzn-trace-id",
    ]

    init(_ headers: [Header], host: String) throws(SigningError) {
        var values: [String: String] = [:]
        for header in headers + [Header("host", host)] {
            let name = header.name.lowercased()
            // A line break would end the header; bytes past ASCII mean one thing to one server, another to
            // the next.
            guard header.value.utf8.allSatisfy({ $0 == 9 || (0x20...0x7E).contains($0) })
            else { throw .malformedHeader(name) }
            guard !Self.unsigned.contains(name) else { continue }
            let value = header.value.split { $0 == " " || $0 == "\t" }.joined(separator: " ")
            values[name] = values[name].map { "\($0),\(value)" } ?? value
        }
        let sorted = values.sorted { $0.key < $1.key }
        lines = sorted.map { "\($0.key):\($0.value)\n" }.joined()
        names = sorted.map(\.key).joined(separator: ";")
    }
}
