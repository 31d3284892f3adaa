import Core
import FoundationEssentials

/// Somebody as an admin sees them.
struct PersonAnswer: Encodable {
    let id: Person.ID
    let email: String?
    let isEmailVerified: Bool
    let name: String?
    let displayName: String?
    let roles: [Role]
    let createdAt: Date
    let erasedAt: Date?
    /// To be given back as `If-Match` by whoever sets the roles.
    let rolesVersion: String

    init(_ person: Person) {
        (id, email, isEmailVerified) = (person.id, person.email, person.isEmailVerified)
        (name, displayName) = (person.name, person.displayName)
        (createdAt, erasedAt) = (person.createdAt, person.erasedAt)
        roles = person.roles.sorted { $0.rawValue < $1.rawValue }
        rolesVersion = EntityTag(version: person.rolesVersion).description
    }
}

struct WantedRoles: Decodable {
    let roles: [Role]
}

func listPeople(_ request: Request, in shop: Shop) throws -> Response {
    _ = try shop.identity.admin(request)
    try request.refuseUnknownQuery(allowing: ["q", "role", "cursor", "limit"])
    let (size, cursor) = try request.page()
    let words = try request.words()
    let role: Role? = try request.query.value("role")
    let page = try shop.database.transaction {
        try $0.people(matching: words, having: role, after: cursor, size: size)
    }
    return try Response(
        200, ListAnswer(page, PersonAnswer.init), headers: ["cache-control": "private, no-store"])
}

func showPerson(_ request: Request, in shop: Shop) throws -> Response {
    _ = try shop.identity.admin(request)
    try request.refuseUnknownQuery()
    let id: Person.ID = try request.id()
    return try shop.database.transaction { try answer($0.person(id)) }
}

/// All the roles that somebody shall have, and none that is not named.
func setRoles(_ request: Request, in shop: Shop) throws -> Response {
    let admin = try shop.identity.admin(request)
    try request.refuseUnknownQuery()
    let id: Person.ID = try request.id()
    let version = try request.expectedVersion.version
    let wanted = try request.decoded(as: WantedRoles.self)
    let response = try shop.database.transaction(.readCommitted) { transaction in
        try transaction.setRoles(
            of: id, to: Set(wanted.roles), by: admin.id, ifVersion: version,
            requestID: request.invocation.id)
        return try answer(transaction.person(id))
    }
    log("roles set", ["person": id, "by": admin.id])
    return response
}

/// Tagged by the version of the roles, which is all that an admin changes.
private func answer(_ person: Person?) throws -> Response {
    guard let person else { throw PersonError.noSuchPerson }
    return try Response(
        200, PersonAnswer(person),
        headers: [
            "etag": EntityTag(version: person.rolesVersion).description, "cache-control": "private, no-store",
        ])
}
