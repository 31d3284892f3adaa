/// What a request says of its own signature: read, not yet verified.
struct SignatureClaim {
    let carrier: SignatureCarrier
    let accessKeyID: String
    let day: String
    let region: String
    let service: String
    let signedHeaders: [String]
    let signature: String
    let timestamp: String?
    /// Of query signatures only.
    let expirySeconds: Int?
    let sessionToken: String?

    var scope: String { "\(day)/\(region)/\(service)/aws4_request" }

    static let algorithm = "AWS4-HMAC-SHA256"
    private static let queryNames = [
        "X-Amz-Algorithm", "X-Amz-Credential", "X-Amz-Date", "X-Amz-Expires", "X-Amz-SignedHeaders",
        "X-Amz-Signature", "X-Amz-Security-Token",
    ]

    /// One place decides who signs: a request that carries both kinds, or one kind twice, is refused, for
    /// what one check reads another must not overlook.
    init(_ arrival: Arrival) throws(SignatureRefusal) {
        let headers = arrival.headers.filter { $0.name == "authorization" }
        let parameters = arrival.query.filter { Self.queryNames.contains($0.name) }
        let isOld = arrival.query.contains { $0.name == "AWSAccessKeyId" || $0.name == "Signature" }
        guard headers.count <= 1, headers.isEmpty || (parameters.isEmpty && !isOld) else {
            throw .severalCarriers
        }
        if let header = headers.first {
            try self.init(header: header.value, arrival)
        } else if parameters.isEmpty {
            throw isOld ? .unsupportedMechanism : .unsigned
        } else {
            try self.init(query: parameters)
        }
    }

    private init(header: String, _ arrival: Arrival) throws(SignatureRefusal) {
        let words = header.split(separator: " ", maxSplits: 1)
        guard words.first == Self.algorithm[...], words.count == 2 else { throw .unsupportedMechanism }
        var parts: [String: String] = [:]
        for part in words[1].split(separator: ",") {
            let sides = part.split(separator: "=", maxSplits: 1).map { $0.filter { $0 != " " } }
            guard sides.count == 2, parts.updateValue(sides[1], forKey: sides[0]) == nil
            else {
                throw .malformed(
                    "The authorization header is malformed; \"\(part)\" is no name=value.", in: .header)
            }
        }
        guard let credential = parts["Credential"], let signed = parts["SignedHeaders"],
            let signature = parts["Signature"], parts.count == 3
        else {
            throw .malformed(
                "The authorization header requires three components: Credential, SignedHeaders, and "
                    + "Signature.",
                in: .header)
        }
        try self.init(
            .header, credential: credential, signed: signed, signature: signature,
            timestamp: arrival.header("x-amz-date"), expiry: nil,
            token: arrival.header("x-amz-security-token"))
    }

    private init(query: [(name: String, value: String)]) throws(SignatureRefusal) {
        var parts: [String: String] = [:]
        for (name, value) in query where parts.updateValue(value, forKey: name) != nil {
            throw .malformed("\(name) is given twice.", in: .query)
        }
        guard parts["X-Amz-Algorithm"] == Self.algorithm else {
            throw .malformed("X-Amz-Algorithm only supports \"\(Self.algorithm)\"", in: .query)
        }
        guard let credential = parts["X-Amz-Credential"], let signed = parts["X-Amz-SignedHeaders"],
            let signature = parts["X-Amz-Signature"], let date = parts["X-Amz-Date"],
            let expires = parts["X-Amz-Expires"]
        else {
            throw .malformed(
                "Query-string authentication version 4 requires the X-Amz-Algorithm, X-Amz-Credential, "
                    + "X-Amz-Signature, X-Amz-Date, X-Amz-SignedHeaders, and X-Amz-Expires parameters.",
                in: .query)
        }
        guard expires.utf8.count <= 9, expires.utf8.allSatisfy({ (0x30...0x39).contains($0) }),
            let seconds = Int(expires)
        else { throw .malformed("X-Amz-Expires should be a number", in: .query) }
        guard seconds >= 1 else { throw .malformed("X-Amz-Expires must be positive", in: .query) }
        guard seconds <= 604_800 else {
            throw .malformed(
                "X-Amz-Expires must be less than a week (in seconds); that is, the given "
                    + "X-Amz-Expires must be "
                    + "less than 604800 seconds", in: .query)
        }
        try self.init(
            .query, credential: credential, signed: signed, signature: signature, timestamp: date,
            expiry: seconds, token: parts["X-Amz-Security-Token"])
    }

    init(
        _ carrier: SignatureCarrier, credential: String, signed: String, signature: String,
        timestamp: String?,
        expiry: Int?, token: String?
    ) throws(SignatureRefusal) {
        let scope = credential.split(separator: "/", omittingEmptySubsequences: false).map(String.init)
        guard scope.count == 5, scope.allSatisfy({ !$0.isEmpty }), scope[4] == "aws4_request" else {
            throw .malformed(
                "the Credential is mal-formed; expecting "
                    + "\"<YOUR-AKID>/YYYYMMDD/REGION/SERVICE/aws4_request\".",
                in: carrier)
        }
        let names = signed.split(separator: ";", omittingEmptySubsequences: false).map(String.init)
        let isSorted = zip(names, names.dropFirst()).allSatisfy { $0.utf8.lexicographicallyPrecedes($1.utf8) }
        guard isSorted, names.allSatisfy({ !$0.isEmpty && $0 == $0.lowercased() }) else {
            throw .malformed("SignedHeaders must be in lower case, sorted and each only once.", in: carrier)
        }
        (accessKeyID, day, region, service) = (scope[0], scope[1], scope[2], scope[3])
        (self.carrier, self.signature, self.timestamp) = (carrier, signature, timestamp)
        (signedHeaders, expirySeconds, sessionToken) = (names, expiry, token)
    }
}
