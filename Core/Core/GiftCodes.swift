public import Bookshop
internal import Cryptography

/// Makes the codes by which gifts are opened, out of a gift's id and a secret of the functions: nothing that
/// opens a gift is stored, and the buyer can be shown the code whenever they ask (HMAC, RFC 2104).
public struct GiftCodes: Sendable {
    private let secrets: [[UInt8]]

    /// - Parameter secrets: the first makes new codes; with the others, older ones can still be shown.
    public init(secrets: [String]) { self.secrets = secrets.map { Array($0.utf8) } }

    /// For a gift that is being bought.
    public func code(of gift: Gift.ID) throws -> GiftCode {
        guard let secret = secrets.first else { throw Unset("GIFT_CODE_SECRETS") }
        return Self.code(of: gift, by: secret)
    }

    /// For one that was bought; none when the secret it was made by is gone.
    public func code(of gift: Gift) -> GiftCode? {
        secrets.lazy.map { Self.code(of: gift.id, by: $0) }.first { Self.hash($0) == gift.codeHash }
    }

    /// What is kept of a code. It has eighty random bits, so that no salt is needed.
    public static func hash(_ code: GiftCode) -> [UInt8] { SHA256.hash(Array(code.rawValue.utf8)) }

    private static func code(of gift: Gift.ID, by secret: [UInt8]) -> GiftCode {
        GiftCode(of: HMAC.sha256(key: secret, message: "gift/\(gift)"))
    }
}
