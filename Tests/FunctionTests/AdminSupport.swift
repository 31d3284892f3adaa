import Core
import Foundation
import TestSupport

@testable import admin

/// The back office as somebody with these roles sees it; nobody where there are none given.
struct BackOffice {
    let database: TestDatabase
    let staff: Principal.ID

    init(_ database: TestDatabase) throws {
        self.database = database
        staff = try database.prepared { try $0.person("staff") }
    }

    func answer(_ request: Request, as roles: Set<Role>?) -> Response {
        let shop = database.shop(of: "admin", for: roles.map { Principal(id: staff, roles: $0) })
        return Lambda.answer(request) { try admin($0, in: shop) }
    }

    func get(
        _ path: String, query: Query = Query(), as roles: Set<Role>? = [.admin],
        _ parameters: [String: String] = [:]
    ) -> Response {
        answer(Request("GET /api/v1/admin/\(path)", parameters: parameters, query: query), as: roles)
    }

    func post(_ path: String, as roles: Set<Role>? = [.admin], _ parameters: [String: String] = [:])
        -> Response
    {
        answer(Request("POST /api/v1/admin/\(path)", parameters: parameters), as: roles)
    }

    /// Who is let in to a request and who is not, of all kinds of callers there are.
    func admitted(_ request: (Set<Role>?) -> Response) -> [String] {
        let callers: [(String, Set<Role>?)] =
            [("anybody", nil), ("customer", [])] + Role.allCases.map { ($0.rawValue, [$0]) }
        return callers.filter { request($0.1).statusCode < 400 }.map(\.0)
    }
}
