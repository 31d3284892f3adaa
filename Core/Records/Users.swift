public import Bookshop
import FoundationEssentials
public import Postgres

extension Transaction {
    /// The person of this account, who is known from their first visit on. Written only when something
    /// about them is new, for it is asked at every request.
    ///
    /// READ COMMITTED, or what is told of the account at this moment elsewhere is not seen. Throws `AccountError`
    /// when the account was given up, and this sign-in is from before that.
    public func principal(of account: Account, signedIn: SignIn? = nil) throws -> Principal {
        let known: KnownUser? = try first(
            """
            SELECT id, email, email_verified, name, email_told_at, name_told_at FROM identity.users
            WHERE issuer = \(account.issuer) AND subject = \(account.subject)
            """)
        if let known, !known.learns(from: account) {
            return Principal(id: known.id, roles: try roles(of: known.id))
        }
        let met: Principal.ID? = try value(
            """
            SELECT identity.meet(\(account.issuer), \(account.subject), \(account.email),
                \(account.isEmailVerified), \(account.name), COALESCE(\(account.toldAt)::timestamptz, now()),
                \(signedIn?.at), \(signedIn?.session))
            """)
        guard let met else { throw AccountError.erased }
        return Principal(id: met, roles: try roles(of: met))
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
    let emailToldAt: Date?
    let nameToldAt: Date?

    init(_ row: borrowing Row) throws(PostgresError) {
        id = try row["id"]
        email = try row["email"]
        isVerified = try row["email_verified"]
        name = try row["name"]
        emailToldAt = try row["email_told_at"]
        nameToldAt = try row["name_told_at"]
    }

    func learns(from account: Account) -> Bool {
        func isNewer(than told: Date?) -> Bool {
            guard let told, let now = account.toldAt else { return true }
            return now > told
        }
        let isOtherEmail = email != account.email || isVerified != account.isEmailVerified
        return account.email != nil && isOtherEmail && isNewer(than: emailToldAt)
            || account.name != nil && name != account.name && isNewer(than: nameToldAt)
    }
}
