import Core
import FoundationEssentials

/// Somebody as they see themselves.
struct MeAnswer: Encodable {
    let id: Person.ID
    let email: String?
    let isEmailVerified: Bool
    let name: String?
    let displayName: String?
    let roles: [Role]
    let createdAt: Date

    init(_ person: Person) {
        (id, email, isEmailVerified) = (person.id, person.email, person.isEmailVerified)
        (name, displayName, createdAt) = (person.name, person.displayName, person.createdAt)
        roles = person.roles.sorted { $0.rawValue < $1.rawValue }
    }
}

/// What somebody may change of themselves. Left out, it stays; `null`, it goes (RFC 7396).
struct MeChange: Decodable {
    let displayName: String??

    /// What is the identity provider's to change is refused by name, rather than passed over.
    private enum CodingKeys: String, CodingKey, CaseIterable {
        case displayName, name, email, isEmailVerified, roles
    }

    init(from decoder: any Decoder) throws {
        let members = try decoder.container(keyedBy: CodingKeys.self)
        for key in CodingKeys.allCases where key != .displayName && members.contains(key) {
            throw Problem(
                422, "invalid-value", "\(key.rawValue): this is not changed here.",
                errors: [FieldError(pointer: "/\(key.rawValue)", "It is not changed here.")])
        }
        guard members.contains(.displayName) else { displayName = nil; return }
        displayName = .some(try members.decodeIfPresent(String.self, forKey: .displayName))
    }
}

func showMe(_ request: Request, in shop: Shop) throws -> Response {
    let me = try shop.identity.customer(request)
    try request.refuseUnknownQuery()
    return try shop.database.transaction { try answer($0.person(me.id)) }
}

func changeMe(_ request: Request, in shop: Shop) throws -> Response {
    let me = try shop.identity.customer(request)
    try request.refuseUnknownQuery()
    let version = try request.expectedVersion.version
    let change = try request.decoded(as: MeChange.self)
    var name: DisplayName?
    if case .some(.some(let text)) = change.displayName {
        guard let given = DisplayName(rawValue: text) else {
            throw Problem.invalid(
                "/displayName", "one line of 1 to 100 characters, without blanks at its ends")
        }
        name = given
    }
    return try shop.database.transaction { transaction in
        guard let now = try transaction.person(me.id) else { throw PersonError.noSuchPerson }
        guard now.version == version else { throw PersonError.changedMeanwhile }
        if change.displayName != nil, name?.rawValue != now.displayName {
            try transaction.rename(me.id, to: name, ifVersion: version)
        }
        return try answer(transaction.person(me.id))
    }
}

func exportMe(_ request: Request, in shop: Shop) throws -> Response {
    let me = try shop.identity.customer(request)
    try request.refuseUnknownQuery()
    try shop.limit(request, .export, of: me.id)
    let known = try shop.database.transaction(.readOnly) { try $0.exported(me.id) }
    return Response(
        200, bytes: Array(known.text.utf8), type: "application/json",
        headers: [
            "cache-control": "no-store", "content-disposition": "attachment; filename=\"earshelf.json\"",
        ])
}

/// What cannot be undone is asked for by whoever signed in a moment ago, or who typed what it is.
func forgetMe(_ request: Request, in shop: Shop) throws -> Response {
    let (me, signIn) = try shop.identity.signIn(request)
    try request.refuseUnknownQuery(allowing: ["confirmation"])
    let phrase = try request.query.one("confirmation")
    guard phrase == nil || phrase == confirmation else {
        throw Query.refusal(
            of: "confirmation", "Expected “\(confirmation)”, or nothing after a fresh sign-in.")
    }
    guard phrase != nil || signIn.isFresh(at: shop.now()) else {
        throw Problem(
            403, "confirmation-needed",
            "Sign in again within the last ten minutes, or send confirmation=\(confirmation): this cannot be undone."
        )
    }
    try shop.database.transaction(.readCommitted) { try $0.erase(me.id, askedIn: signIn.session) }
    log("person forgotten", ["person": me.id])
    return .noContent
}

let confirmation = "forget me"

private func answer(_ person: Person?) throws -> Response {
    guard let person else { throw PersonError.noSuchPerson }
    return try Response(
        200, MeAnswer(person),
        headers: [
            "etag": EntityTag(version: person.version).description, "cache-control": "private, no-store",
        ])
}
