public import Bookshop
public import Postgres

extension Transaction {
    /// The person of this account, who is known from their first visit on. Written only when something
    /// about them is new, for it is asked at every request.
    public func principal(of account: Account) throws -> Principal {
        let email = account.email.flatMap { (3...320).contains($0.unicodeScalars.count) ? $0 : nil }
        let name = account.name.flatMap { (1...300).contains($0.unicodeScalars.count) ? $0 : nil }
        let isVerified = email != nil && account.isEmailVerified
        let known: KnownUser? = try first(
            """
            SELECT id, email, email_verified, name FROM identity.users
            WHERE issuer = \(account.issuer) AND subject = \(account.subject)
            """)
        if let known, email == nil || (known.email == email && known.isVerified == isVerified),
            name == nil || known.name == name
        {
            return Principal(id: known.id, roles: try roles(of: known.id))
        }
        let id: Principal.ID = try only(
            """
            INSERT INTO identity.users AS known (issuer, subject, email, email_verified, name)
            VALUES (\(account.issuer), \(account.subject), \(email), \(isVerified), \(name))
            ON CONFLICT (issuer, subject) DO UPDATE SET
                email = COALESCE(EXCLUDED.email, known.email),
                email_verified = CASE WHEN EXCLUDED.email IS NULL THEN known.email_verified
                    ELSE EXCLUDED.email_verified END,
                name = COALESCE(EXCLUDED.name, known.name)
            RETURNING id
            """)
        return Principal(id: id, roles: try roles(of: id))
    }

    public func roles(of principal: Principal.ID) throws -> Set<Role> {
        Set(try values("SELECT role FROM identity.user_roles WHERE user_id = \(principal)"))
    }

    /// Having a role already is no failure.
    public func grant(_ role: Role, to principal: Principal.ID, by granter: Principal.ID? = nil) throws {
        try run(
            """
            INSERT INTO identity.user_roles (user_id, role, granted_by)
            VALUES (\(principal), \(role), \(granter)) ON CONFLICT (user_id, role) DO NOTHING
            """)
    }

    /// Where to write to a customer, if that is known to be theirs.
    public func email(of principal: Principal.ID) throws -> String? {
        try value("SELECT email FROM identity.users WHERE id = \(principal) AND email_verified")
    }
}

private struct KnownUser: RowDecodable {
    let id: Principal.ID
    let email: String?
    let isVerified: Bool
    let name: String?

    init(_ row: borrowing Row) throws(PostgresError) {
        id = try row["id"]
        email = try row["email"]
        isVerified = try row["email_verified"]
        name = try row["name"]
    }
}
