import Core
import Foundation
import TestSupport

@testable import orders

/// A customer and what they order, as the function sees it.
struct Ordering {
    let database: TestDatabase
    let customer: Customer.ID
    let editor: Editor.ID

    init(_ database: TestDatabase, customer subject: String = "c") throws {
        self.database = database
        (customer, editor) = try database.prepared { transaction in
            (try transaction.person(subject), try transaction.person("e", .editor))
        }
    }

    func shop(for principal: Principal? = nil, country: Country = Country(rawValue: "US")!) -> Shop {
        var shop = database.shop(of: "orders", for: principal ?? .customer(customer))
        shop.country = country
        return shop
    }

    /// An order for books of these titles, which waits.
    func ordered(_ titles: String..., price: Int = 1499) throws -> Order {
        try database.prepared { transaction in
            let books = try titles.map { try transaction.published($0, price: price, by: editor) }
            return try transaction.ordered(books, by: customer)
        }
    }

    /// One whose page is open.
    func opened(_ titles: String..., price: Int = 1499) throws -> (order: Order, attempt: PaymentAttempt) {
        try database.prepared { transaction in
            let books = try titles.map { try transaction.published($0, price: price, by: editor) }
            let order = try transaction.ordered(books, by: customer)
            return (order, try transaction.opened(order))
        }
    }

    func confirmed(_ titles: [String], price: Int = 1499) throws -> Order {
        try database.prepared { transaction in
            let books = try titles.map { try transaction.published($0, price: price, by: editor) }
            let order = try transaction.ordered(books, by: customer)
            _ = try transaction.record(.test(of: try transaction.opened(order)))
            return try transaction.order(order.id) ?? order
        }
    }

    func sent(
        _ route: String, _ body: String = "", id: Order.ID? = nil, query: Query = Query(),
        headers: [String: String] = [:], key: String? = nil, in shop: Shop? = nil
    ) -> Response {
        var request = Request.typed(route, body, id: id?.description, headers: headers, key: key)
        request.query = query
        let shop = shop ?? self.shop()
        return Lambda.answer(request) { try orders($0, in: shop) }
    }
}
