/// What somebody may do beyond buying and listening.
public enum Role: String, CaseIterable, Codable, Sendable {
    case admin, editor, support, finance
}

/// Whoever a token proves: one person the shop knows, whatever they may do.
public struct Principal: Hashable, Sendable {
    public typealias ID = Identifier<Principal>
    public let id: ID
    public let roles: Set<Role>

    public init(id: ID, roles: Set<Role>) { (self.id, self.roles) = (id, roles) }

    /// An admin may do what each of the others may.
    public func may(actAs role: Role) -> Bool { roles.contains(role) || roles.contains(.admin) }
}

/// A principal as the one who buys and listens.
public enum Customer { public typealias ID = Principal.ID }

/// A principal as the one who makes the catalogue.
public enum Editor { public typealias ID = Principal.ID }

/// An RSA key under which an identity provider signs, as the big-endian bytes of its numbers.
public struct SigningKey: Hashable, Sendable {
    public let kid: String
    public let modulus: [UInt8]
    public let exponent: [UInt8]

    public init(kid: String, modulus: [UInt8], exponent: [UInt8]) {
        (self.kid, self.modulus, self.exponent) = (kid, modulus, exponent)
    }
}
