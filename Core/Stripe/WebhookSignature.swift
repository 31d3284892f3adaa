internal import Cryptography
public import FoundationEssentials

/// Why a webhook is not believed to be Stripe's.
public enum WebhookSignatureError: Error, Equatable, Sendable {
    /// Ours to mend: with an empty secret anybody could sign.
    case noSecret
    case noHeader
    case malformedHeader
    case tooOld
    case tooFarAhead
    case noMatch
}

/// `Stripe-Signature: t=…,v1=…[,v1=…]` (docs.stripe.com/webhooks/signature).
public enum WebhookSignature {
    public static let toleranceSeconds = 300

    /// Whether one of the secrets signed these very bytes lately. Nothing of the body is read before.
    ///
    /// There are two secrets, and two signatures, while a secret is being replaced. Exactly one `t` is taken,
    /// for the age and for the signature: API Gateway joins repeated headers by commas, so that a fresh `t`
    /// could be put before an old header. Other schemes (`v0`) are passed over.
    public static func verify(
        header: String?, body: [UInt8], secrets: [String], now: Date
    ) throws(WebhookSignatureError) {
        guard !secrets.isEmpty, !secrets.contains(where: { $0.allSatisfy(\.isWhitespace) }) else {
            throw .noSecret
        }
        guard let header, !header.isEmpty else { throw .noHeader }
        let (timestamp, signatures) = try parse(header)
        let age = Int(now.timeIntervalSince1970.rounded(.down)) - timestamp
        guard age <= toleranceSeconds else { throw .tooOld }
        guard age >= -toleranceSeconds else { throw .tooFarAhead }
        let message = Array("\(timestamp).".utf8) + body
        var matches = false
        for secret in secrets {
            let expected = Array(Hex.encoded(HMAC.sha256(key: Array(secret.utf8), message: message)).utf8)
            for signature in signatures where constantTimeEqual(signature, expected) { matches = true }
        }
        guard matches else { throw .noMatch }
    }

    private static func parse(
        _ header: String
    ) throws(WebhookSignatureError) -> (timestamp: Int, signatures: [[UInt8]]) {
        var timestamps: [Int] = []
        var signatures: [[UInt8]] = []
        for field in header.utf8.split(separator: UInt8(ascii: ",")) {
            let field = Array(field.drop { $0 == 32 || $0 == 9 })
            if field.starts(with: "t=".utf8) {
                guard let timestamp = seconds(field.dropFirst(2)) else { throw .malformedHeader }
                timestamps.append(timestamp)
            } else if field.starts(with: "v1=".utf8) {
                signatures.append(Array(field.dropFirst(3)))
            }
        }
        guard timestamps.count == 1, !signatures.isEmpty else { throw .malformedHeader }
        return (timestamps[0], signatures)
    }

    /// As Stripe writes it, so that the number has one form only: no sign, no leading zero.
    private static func seconds(_ digits: ArraySlice<UInt8>) -> Int? {
        guard (1...12).contains(digits.count), digits.first != UInt8(ascii: "0"),
            digits.allSatisfy({ (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) })
        else { return nil }
        return Int(String(decoding: digits, as: UTF8.self))
    }
}
