import Core
import TestSupport
import Testing

@testable import admin

/// Whatever the back office asks of a shop of many orders, no table that grows is read from its beginning to its end.
@Suite struct AdminPlanTests {
    @Test func `the lists, the figures and the files of the back office`() throws {
        try withManyBooks { database in
            try database.connect().fillYears()
            let staff = try database.prepared { try $0.person("staff", .admin) }
            let found: Order.ID? = try database.prepared {
                try $0.value("SELECT id FROM sales.orders WHERE number = 102")
            }
            let order = try #require(found)
            func reads(_ path: String, _ query: Query, as roles: Set<Role>) throws -> (
                Response, [WholeRead], Int
            ) {
                var answers: [Response] = []
                let (found, explained) = try database.wholeReads(as: "admin") { connection in
                    var shop = database.shop(of: "admin", for: Principal(id: staff, roles: roles))
                    shop.database = connection
                    let request = Request(
                        "GET /api/v1/admin/\(path)", parameters: ["id": "\(order)"], query: query)
                    answers.append(Lambda.answer(request) { try admin($0, in: shop) })
                }
                return (answers[0], found, explained)
            }
            func expectIndexed(_ path: String, _ query: String = "", as roles: Set<Role> = [.admin]) throws {
                let (first, found, explained) = try reads(path, try Query(parsing: query), as: roles)
                #expect(first.statusCode == 200, "\(path)?\(query): \(first.text)")
                #expect(found.isEmpty && explained > 0, "\(path)?\(query): \(found)")
                guard let next = first["next"] else { return }
                let (second, later, _) = try reads(
                    path, try Query(parsing: "\(query)&cursor=\(next)"), as: roles)
                #expect(
                    second.statusCode == 200 && later.isEmpty, "the second page of \(path)?\(query): \(later)"
                )
            }
            for filter in ["", "state=confirmed", "state=pending", "number=102", "email=buyer17@id.test"] {
                try expectIndexed("orders", filter)
            }
            try expectIndexed("orders/{id}")
            for filter in ["", "state=draft", "state=published", "q=nobody"] {
                try expectIndexed("audiobooks", filter)
            }
            try expectIndexed("sales", "from=2026-03-01&until=2026-03-08")
            try expectIndexed("sales", "from=2026-03-01&until=2026-04-01&interval=week")
            for filter in ["", "state=waiting", "state=running", "state=review", "state=failed"] {
                try expectIndexed("jobs", filter)
            }
            for filter in ["", "open=true", "open=false"] {
                try expectIndexed("alerts", filter)
                try expectIndexed("alerts", filter, as: [.editor])
            }
            try expectIndexed("storage")
            for filter in ["", "state=waiting", "state=parked", "state=published"] {
                try expectIndexed("outbox", filter)
            }
        }
    }
}
