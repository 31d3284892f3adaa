// Brings the database to what this release needs, and gives people their roles. Invoked by whoever deploys,
// never by a request: {"grants": [{"subject": "user_…", "role": "editor"}]}, or {} for the schema alone.
//
// Invoked again, it finds everything done.

import Core
import FoundationEssentials

struct MigrationRequest: Decodable {
    struct Grant: Decodable {
        let subject: String
        let role: Role
    }
    let grants: [Grant]?
}

struct MigrationAnswer: Encodable {
    let applied: [String]
    let granted: Int
}

func migrate(_ event: [UInt8], in shop: Shop, from folder: String) throws -> [UInt8] {
    let request = try JSONDecoder().decode(MigrationRequest.self, from: Data(event))
    let applied = try Migrations.apply(folder, on: shop.database)
    for grant in request.grants ?? [] {
        try shop.database.transaction { transaction in
            let principal = try transaction.principal(
                of: Account(issuer: shop.issuerURL, subject: grant.subject))
            try transaction.grant(grant.role, to: principal.id)
        }
    }
    log("migrated", ["files": applied.count, "grants": request.grants?.count ?? 0])
    return Array(
        try JSONEncoder().encode(MigrationAnswer(applied: applied, granted: request.grants?.count ?? 0)))
}

Lambda.serve(
    { try Shop.live() },
    direct: { try migrate($0, in: $1, from: Settings.required("LAMBDA_TASK_ROOT") + "/Migrations") })
