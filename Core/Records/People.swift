public import Bookshop
import FoundationEssentials
public import Postgres

extension Person: RowDecodable {
    public init(_ row: borrowing Row) throws(PostgresError) {
        let roles: [Role] = try row["roles"]
        self.init(
            id: try row["id"], email: try row["email"], isEmailVerified: try row["email_verified"],
            name: try row["name"], displayName: try row["display_name"], roles: Set(roles),
            createdAt: try row["created_at"], version: try row["version"],
            rolesVersion: try row["roles_version"],
            erasedAt: try row["erased_at"])
    }
}

extension DisplayName: SQLValue {}

extension Transaction {
    public func person(_ id: Person.ID) throws -> Person? {
        try first("\(people) WHERE id = \(id)")
    }

    /// Those the shop knows, the newest first, a page at a time; those it has forgotten are not among them.
    public func people(
        matching words: String? = nil, having role: Role? = nil, after cursor: Cursor? = nil,
        size: PageSize = .standard
    ) throws -> Page<Person> {
        var conditions: [SQL] = ["erased_at IS NULL"]
        if let words {
            conditions.append("\(Self.wordsOfPerson) LIKE \(containing(words))")
        }
        if let role {
            conditions.append("id IN (SELECT user_id FROM identity.user_roles WHERE role = \(role))")
        }
        if let cursor {
            guard cursor.list == "people", let since = Date(sqlText: cursor.key) else {
                throw ForeignCursor()
            }
            conditions.append("(created_at, id) < (\(since)::timestamptz, \(cursor.id)::uuid)")
        }
        let found: [Person] = try all(
            """
            \(people) WHERE \(conditions.joined(separator: " AND "))
            ORDER BY created_at DESC, id DESC LIMIT \(constant: size.rawValue + 1)
            """)
        return Page(found, size: size) {
            Cursor(list: "people", key: $0.createdAt.sqlText, id: $0.id.rawValue)
        }
    }

    /// As the index of people's words has it.
    private static let wordsOfPerson: SQL =
        "lower(COALESCE(display_name, '') || ' ' || COALESCE(name, '') || ' ' || COALESCE(email, ''))"

    /// What LIKE takes for any text that has these words in it, in small letters.
    func containing(_ words: String) -> SQL {
        let escaped = words.replacing("\\", with: "\\\\").replacing("%", with: "\\%")
            .replacing("_", with: "\\_")
        return "'%' || lower(\(escaped)) || '%'"
    }

    private var people: SQL {
        """
        SELECT id, email, email_verified, name, display_name, created_at, version, roles_version, erased_at,
            ARRAY(SELECT role FROM identity.user_roles WHERE user_id = users.id ORDER BY role) AS roles
        FROM identity.users
        """
    }

    /// Throws `PersonError` when somebody changed the profile since that version.
    public func rename(_ id: Person.ID, to name: DisplayName?, ifVersion version: Int) throws {
        let renamed = try run(
            """
            UPDATE identity.users SET display_name = \(name), version = version + 1
            WHERE id = \(id) AND version = \(version)
            """)
        guard renamed == 1 else { throw PersonError.changedMeanwhile }
    }

    /// All the roles somebody shall have. READ COMMITTED: whoever waited sees what the other did.
    public func setRoles(
        of id: Person.ID, to roles: Set<Role>, by admin: Principal.ID, ifVersion version: Int,
        requestID: String?
    ) throws {
        let outcome: String = try only(
            """
            SELECT identity.set_roles(\(admin), \(id), \(Array(roles))::text[], \(version), \(requestID))
            """)
        switch outcome {
        case "set": return
        case "unknown": throw PersonError.noSuchPerson
        case "stale": throw PersonError.changedMeanwhile
        case "erased": throw PersonError.erased
        case "own-role": throw PersonError.ownRole
        case "forbidden": throw PersonError.forbidden
        default: preconditionFailure("set_roles answers \(outcome)")
        }
    }

    /// Notes what the provider's webhook says of an account; whether it was news.
    public func note(_ account: Account) throws -> Bool {
        try only(
            """
            SELECT identity.told_of(\(account.issuer), \(account.subject), \(account.email),
                \(account.isEmailVerified), \(account.name), \(account.toldAt))
            """)
    }
}
