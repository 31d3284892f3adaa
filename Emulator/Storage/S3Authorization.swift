import Groundwork
import HTTPTypes

/// Who may do what a request asks: whoever signed it with a key we know, and anyone what is public.
enum S3Authority: Sendable {
    case signed(VerifiedSignature)
    case anonymous
}

extension S3Error {
    /// The words S3 has for each; several are from recordings of AWS.
    init(_ refusal: SignatureRefusal, region: String) {
        switch refusal {
        case .unsigned: self = .accessDenied()
        case .severalCarriers:
            self = .invalidArgument(
                "Only one auth mechanism allowed; only the X-Amz-Algorithm query parameter, "
                    + "Signature query string "
                    + "parameter or the Authorization header should be specified", "Authorization", "")
        case .unsupportedMechanism:
            self = .invalidRequest(
                "The authorization mechanism you have provided is not supported. Please use AWS4-HMAC-SHA256."
            )
        case .malformed(let message, .header):
            self = S3Error(.badRequest, "AuthorizationHeaderMalformed", message)
        case .malformed(let message, .query):
            self = S3Error(.badRequest, "AuthorizationQueryParametersError", message)
        case .wrongService(let given, let carrier):
            self = S3Error(
                .badRequest,
                carrier == .header ? "AuthorizationHeaderMalformed" : "AuthorizationQueryParametersError",
                "The credential scope names the service \"\(given)\"; expecting \"s3\".")
        case .wrongRegion(let given, let carrier):
            let isHeader = carrier == .header
            let place =
                isHeader
                ? "The authorization header is malformed" : "Error parsing the X-Amz-Credential parameter"
            self = S3Error(
                .badRequest, isHeader ? "AuthorizationHeaderMalformed" : "AuthorizationQueryParametersError",
                "\(place); the region '\(given)' is wrong; expecting '\(region)'", [("Region", region)])
        case .unknownKey(let id):
            self = S3Error(
                .forbidden, "InvalidAccessKeyId",
                "The AWS Access Key Id you provided does not exist in our records.", [("AWSAccessKeyId", id)])
        case .invalidToken:
            self = S3Error(
                .badRequest, "InvalidToken", "The provided token is malformed or otherwise invalid.")
        case .missingDate:
            self = .accessDenied("AWS authentication requires a valid Date or x-amz-date header")
        case .missingSignedHeaders(let names), .unsignedHeaders(let names):
            self = .accessDenied("There were headers present in the request which were not signed")
            details = [("HeadersNotSigned", names.joined(separator: ", "))]
        default: self.init(late: refusal)
        }
    }

    private init(late refusal: SignatureRefusal) {
        switch refusal {
        case .skewed(let requested, let now):
            self = S3Error(
                .forbidden, "RequestTimeTooSkewed",
                "The difference between the request time and the current time is too large.",
                [
                    ("RequestTime", requested), ("ServerTime", Timestamp.extended(now)),
                    ("MaxAllowedSkewMilliseconds", "900000"),
                ])
        case .notYetValid: self = .accessDenied("Request is not yet valid")
        case .expired(let expiry, let seconds, let now):
            self = .accessDenied("Request has expired")
            details = [
                ("X-Amz-Expires", String(seconds)), ("Expires", Timestamp.extended(expiry)),
                ("ServerTime", Timestamp.extended(now)),
            ]
        case .unknownPayload(""):
            self = .invalidRequest("Missing required header for this request: x-amz-content-sha256")
        case .mismatch(let mismatch):
            self = S3Error(
                .forbidden, "SignatureDoesNotMatch",
                "The request signature we calculated does not match the signature you provided. "
                    + "Check your key and "
                    + "signing method.",
                [
                    ("AWSAccessKeyId", mismatch.accessKeyID), ("StringToSign", mismatch.stringToSign),
                    ("SignatureProvided", mismatch.signatureProvided),
                    ("CanonicalRequest", mismatch.canonicalRequest),
                ])
        default: self = .invalidPayloadMode
        }
    }

    static var invalidPayloadMode: S3Error {
        .invalidArgument(
            "x-amz-content-sha256 must be UNSIGNED-PAYLOAD, STREAMING-AWS4-HMAC-SHA256-PAYLOAD, "
                + "STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER, STREAMING-UNSIGNED-PAYLOAD-TRAILER or a valid "
                + "sha256 value.", "x-amz-content-sha256", "")
    }
}
