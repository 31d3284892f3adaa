import Cryptography
public import Foundation

/// Verifies AWS Signature Version 4 as a server does, from AWS's description of it alone: it shares no code
/// with what signs in Core, so that neither can hide the other's mistakes.
public struct SignatureVerifier: Sendable {
    public enum Service: Sendable {
        /// Paths encoded once and left as they are, payloads named by `x-amz-content-sha256`.
        case s3
        /// Any other: paths normalised and encoded twice, the payload hashed by the server.
        case other(String)

        var name: String {
            switch self {
            case .s3: "s3"
            case .other(let name): name
            }
        }
    }

    private let keys: [String: AccessKey]
    private let region: String
    private let service: Service
    private let now: @Sendable () -> Date

    public init(
        keys: [AccessKey], region: String, service: Service, now: @escaping @Sendable () -> Date = { Date() }
    ) {
        self.keys = Dictionary(keys.map { ($0.id, $0) }) { first, _ in first }
        self.region = region
        self.service = service
        self.now = now
    }

    /// Signed headers may be 15 minutes off in either direction.
    static let skewSeconds: TimeInterval = 900

    /// `payloadHash` is the server's own, in hex, for services that hash it; S3's clients name it in a
    /// header.
    public func verify(
        _ arrival: Arrival, payloadHash: String? = nil
    ) throws(SignatureRefusal) -> VerifiedSignature {
        let claim = try SignatureClaim(arrival)
        let key = try key(of: claim)
        try checkHeaders(claim, arrival)
        let timestamp = try checkTime(claim)
        let payload = try payload(claim, arrival, payloadHash)
        let canonical = canonicalRequest(claim, arrival, payload: payload)
        let text = """
            \(SignatureClaim.algorithm)
            \(timestamp)
            \(claim.scope)
            \(Hex.encoded(SHA256.hash(Array(canonical.utf8))))
            """
        return try check(claim, key, timestamp: timestamp, text, canonical: canonical, payload: payload)
    }

    private func key(of claim: SignatureClaim) throws(SignatureRefusal) -> AccessKey {
        guard let key = keys[claim.accessKeyID] else { throw .unknownKey(claim.accessKeyID) }
        guard claim.region == region else { throw .wrongRegion(claim.region, in: claim.carrier) }
        guard claim.service == service.name else { throw .wrongService(claim.service, in: claim.carrier) }
        guard claim.sessionToken == key.sessionToken else { throw .invalidToken }
        return key
    }

    private func check(
        _ claim: SignatureClaim, _ key: AccessKey, timestamp: String, _ text: String, canonical: String,
        payload: String
    ) throws(SignatureRefusal) -> VerifiedSignature {
        var signingKey = Array(("AWS4" + key.secret.text).utf8)
        for part in [claim.day, claim.region, claim.service, "aws4_request"] {
            signingKey = HMAC.sha256(key: signingKey, message: part)
        }
        let expected = Hex.encoded(HMAC.sha256(key: signingKey, message: text))
        guard constantTimeEqual(Array(expected.utf8), Array(claim.signature.utf8)) else {
            throw .mismatch(
                SignatureMismatch(
                    accessKeyID: key.id, stringToSign: text, signatureProvided: claim.signature,
                    canonicalRequest: canonical))
        }
        return VerifiedSignature(
            accessKeyID: key.id, payload: payload, signature: expected, timestamp: timestamp,
            scope: claim.scope,
            signingKey: signingKey)
    }
}

extension SignatureVerifier {
    /// All that was signed must have been sent, the host must be signed, and so must every `x-amz-` header:
    /// otherwise another could add one to a request that was signed without it.
    private func checkHeaders(_ claim: SignatureClaim, _ arrival: Arrival) throws(SignatureRefusal) {
        let sent = Set(arrival.headers.map(\.name))
        let missing = claim.signedHeaders.filter { !sent.contains($0) }
        guard missing.isEmpty else { throw .missingSignedHeaders(missing) }
        let signed = Set(claim.signedHeaders)
        let unsigned = sent.filter { ($0.hasPrefix("x-amz-") || $0 == "host") && !signed.contains($0) }
        guard unsigned.isEmpty else { throw .unsignedHeaders(unsigned.sorted()) }
    }

    private func checkTime(_ claim: SignatureClaim) throws(SignatureRefusal) -> String {
        guard let timestamp = claim.timestamp, let date = Timestamp.basic(timestamp) else {
            throw .missingDate
        }
        guard timestamp.prefix(8) == claim.day else {
            throw .malformed(
                "Invalid credential date \"\(claim.day)\". This date is not the same as X-Amz-Date.",
                in: claim.carrier)
        }
        let now = now()
        guard let seconds = claim.expirySeconds else {
            guard abs(now.timeIntervalSince(date)) <= Self.skewSeconds else {
                throw .skewed(requested: timestamp, now: now)
            }
            return timestamp
        }
        guard date.timeIntervalSince(now) <= Self.skewSeconds else { throw .notYetValid }
        let expiry = date.addingTimeInterval(TimeInterval(seconds))
        guard now < expiry else { throw .expired(expiry: expiry, seconds: seconds, now: now) }
        return timestamp
    }

    private func payload(
        _ claim: SignatureClaim, _ arrival: Arrival, _ ownHash: String?
    ) throws(SignatureRefusal) -> String {
        let named = arrival.header("x-amz-content-sha256")
        guard case .s3 = service else {
            guard let ownHash, named == nil || named == ownHash else { throw .unknownPayload(named ?? "") }
            return ownHash
        }
        if let named { return named }
        guard claim.carrier == .query else { throw .unknownPayload("") }
        return "UNSIGNED-PAYLOAD"
    }

    private func canonicalRequest(_ claim: SignatureClaim, _ arrival: Arrival, payload: String) -> String {
        let query = canonicalQuery(claim, arrival)
        let headers = claim.signedHeaders.map { name in
            let values = arrival.headers.filter { $0.name == name }.map { Self.squeezed($0.value) }
            return "\(name):\(values.joined(separator: ","))\n"
        }
        return [
            arrival.method, canonicalPath(arrival.path), query, headers.joined(),
            claim.signedHeaders.joined(separator: ";"), payload,
        ].joined(separator: "\n")
    }

    private func canonicalQuery(_ claim: SignatureClaim, _ arrival: Arrival) -> String {
        let isSigned = { (name: String) in claim.carrier != .query || name != "X-Amz-Signature" }
        let pairs: [(name: String, value: String)] = arrival.query.filter { isSigned($0.name) }.map {
            (PercentCoding.encode($0.name.utf8), PercentCoding.encode($0.value.utf8))
        }
        let sorted = pairs.sorted { one, two in
            one.name == two.name ? one.value < two.value : one.name < two.name
        }
        return sorted.map { "\($0.name)=\($0.value)" }.joined(separator: "&")
    }

    private func canonicalPath(_ path: [UInt8]) -> String {
        let once = PercentCoding.encode(path, keepingSlash: true)
        if case .s3 = service { return once }
        var kept: [Substring] = []
        for segment in once.split(separator: "/") where segment != "." {
            if segment == ".." { _ = kept.popLast() } else { kept.append(segment) }
        }
        let normal = "/" + kept.joined(separator: "/") + (once.hasSuffix("/") && !kept.isEmpty ? "/" : "")
        return PercentCoding.encode(normal.utf8, keepingSlash: true)
    }

    /// Trimmed, and runs of blanks made one.
    private static func squeezed(_ value: String) -> String {
        value.split(whereSeparator: { $0 == " " || $0 == "\t" }).joined(separator: " ")
    }
}
