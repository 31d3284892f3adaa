import Cryptography
public import FoundationEssentials

/// Why a webhook is not believed to be the identity provider's.
public enum SvixSignatureError: Error, Equatable, Sendable {
    /// Ours to mend: with an empty secret anybody could sign.
    case noSecret
    case noHeader(String)
    case malformedHeader(String)
    case tooOld
    case tooFarAhead
    case noMatch
}

/// One delivery of Svix's, by which Clerk sends its webhooks (docs.svix.com/receiving/verifying-payloads/how-manual):
/// `svix-id`, `svix-timestamp`, and in `svix-signature` one or more `v1,` with HMAC-SHA256 over all three parts.
public struct SvixSignature: Hashable, Sendable {
    public static let toleranceSeconds = 300

    /// The same for every try to deliver one message: by it the message counts once.
    public let messageID: String
    public let timestamp: Int

    /// Verifies that one of the secrets signed these very bytes lately. Nothing of the body is read before.
    ///
    /// There are two secrets, and two signatures, while a secret is replaced. Other versions are passed over. An id
    /// holds no `.`, for that is what parts it from what comes next.
    public init(
        verifying body: [UInt8], headers: [String: String], secrets: [String], now: Date
    ) throws(SvixSignatureError) {
        var keys: [[UInt8]] = []
        for secret in secrets {
            guard let key = Self.key(secret) else { throw .noSecret }
            keys.append(key)
        }
        guard !keys.isEmpty else { throw .noSecret }
        messageID = try Self.id(headers)
        timestamp = try Self.seconds(headers)
        let signatures = try Self.header("svix-signature", headers).split(separator: " ")
        let age = Int(now.timeIntervalSince1970.rounded(.down)) - timestamp
        guard age <= Self.toleranceSeconds else { throw .tooOld }
        guard age >= -Self.toleranceSeconds else { throw .tooFarAhead }
        let message = Array("\(messageID).\(timestamp).".utf8) + body
        var matches = false
        let signed = signatures.prefix(Self.mostSignatures).compactMap(Self.bytes)
        for key in keys {
            let expected = HMAC.sha256(key: key, message: message)
            for signature in signed where constantTimeEqual(signature, expected) { matches = true }
        }
        guard matches else { throw .noMatch }
    }

    private static let mostSignatures = 16
    private static let secretPrefix = "whsec_"

    /// The key is what the text stands for in base64, unlike Stripe's, which is the text itself.
    private static func key(_ secret: String) -> [UInt8]? {
        guard secret.hasPrefix(secretPrefix) else { return nil }
        let key = Base64.decoded(String(secret.dropFirst(secretPrefix.count)))
        return key.flatMap { $0.count >= 16 ? $0 : nil }
    }

    private static func header(_ name: String, _ headers: [String: String]) throws(SvixSignatureError)
        -> String
    {
        guard let value = headers[name], !value.isEmpty else { throw .noHeader(name) }
        return value
    }

    /// Sent twice, headers arrive joined by a comma, which is part of no id.
    private static func id(_ headers: [String: String]) throws(SvixSignatureError) -> String {
        let id = try header("svix-id", headers)
        let isPlain = id.utf8.allSatisfy {
            (48...57).contains($0) || (65...90).contains($0) || (97...122).contains($0) || $0 == 45
                || $0 == 95
        }
        guard isPlain, id.utf8.count <= 255 else { throw .malformedHeader("svix-id") }
        return id
    }

    /// In one form only: no sign, no leading zero.
    private static func seconds(_ headers: [String: String]) throws(SvixSignatureError) -> Int {
        let text = try header("svix-timestamp", headers)
        guard let seconds = Int(text), seconds > 0, String(seconds) == text, text.utf8.count <= 12 else {
            throw .malformedHeader("svix-timestamp")
        }
        return seconds
    }

    private static func bytes(_ signature: Substring) -> [UInt8]? {
        guard signature.hasPrefix("v1,") else { return nil }
        return Base64.decoded(String(signature.dropFirst(3)))
    }
}
