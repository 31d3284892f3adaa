import Cryptography
public import HTTP

/// A URL that is its own permission until it expires. It is a secret: not for logs.
public struct PresignedRequest: Hashable, Sendable {
    public let method: String
    public let url: String
    /// Whoever uses the URL must send these as they are: they are signed. Browsers send `content-length` of
    /// themselves.
    public let headers: [Header]
}

extension Signer {
    /// Signed in the URL. The payload is not part of it, so what is to be sure about it must stand in the
    /// headers.
    ///
    /// The parameters keep their order, the signature's follow: the very URL that botocore makes.
    /// https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-query-string-auth.html
    public func presigned(
        _ method: String, _ url: String, headers: [Header] = [], expiresSeconds: Int, at instant: Instant
    ) throws(SigningError) -> PresignedRequest {
        guard (1...604_800).contains(expiresSeconds) else { throw .expiry(seconds: expiresSeconds) }
        guard let location = Location(url) else { throw .malformedEndpoint }
        let signed = try CanonicalHeaders(headers, host: location.host)
        let credential = "\(credentials.accessKeyID)/\(scope(at: instant))"
        var query = location.query.isEmpty ? "" : location.query + "&"
        query += "X-Amz-Algorithm=\(Self.algorithm)&X-Amz-Credential=\(PercentEncoding.encoded(credential))"
        query += "&X-Amz-Date=\(instant.dateTime)&X-Amz-Expires=\(expiresSeconds)"
        query += "&X-Amz-SignedHeaders=\(PercentEncoding.encoded(signed.names))"
        if let token = credentials.sessionToken {
            query += "&X-Amz-Security-Token=\(PercentEncoding.encoded(token))"
        }
        let signature = signature(
            of: canonicalRequest(
                method, path: location.path, query: query, headers: signed, payload: "UNSIGNED-PAYLOAD"),
            at: instant)
        let unsigned = location.origin + location.path + "?" + query
        return PresignedRequest(
            method: method, url: "\(unsigned)&X-Amz-Signature=\(signature)", headers: headers)
    }
}
