/// What the shop needs of an identity provider. Failures are `OutsideFailure`.
public struct TokenIssuer {
    /// Under which it signs now. Never an empty list: that would be a fault of the provider's.
    public var signingKeys: () throws -> [SigningKey]
    public init(signingKeys: @escaping () throws -> [SigningKey]) { self.signingKeys = signingKeys }
    public static var unset: TokenIssuer { TokenIssuer { throw Unset("TokenIssuer.signingKeys") } }
}
