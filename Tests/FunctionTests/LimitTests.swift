import Foundation
import TestSupport
import Testing

@testable import Core
@testable import checkout
@testable import presign

/// What is costly is not to be had without end.
@Suite struct LimitTests {
    @Test func `whoever asks too often is told when to come again, and nothing is done`() throws {
        try withDatabase { database throws in
            let ada = try database.prepared { try $0.person("ada") }
            var shop = database.shop(of: "checkout", for: .customer(ada))
            shop.turnstile = .live(shop.database)
            shop.country = Country(rawValue: "US")!
            func answer() -> Response {
                Lambda.answer(.typed("POST /api/v1/checkout")) { try checkout($0, in: shop) }
            }
            for _ in 1...CostlyRoute.checkout.perPerson.most {
                #expect(answer().outcome == "409 empty-cart")
            }
            let refusal = answer()
            #expect(refusal.outcome == "429 too-many-requests")
            #expect((1...60).contains(Int(refusal.headers["retry-after"] ?? "") ?? 0))

            let ben = try database.prepared { try $0.person("ben") }
            shop.identity = Identification { _ in .customer(ben) }
            #expect(answer().outcome == "409 empty-cart", "it is another's turn")
        }
    }

    @Test func `who is refused anyway takes no turn`() throws {
        try withDatabase { database throws in
            let ada = try database.prepared { try $0.person("ada") }
            var shop = database.shop(of: "presign", for: .customer(ada))
            shop.turnstile = .live(shop.database)
            let answer = Lambda.answer(.typed("POST /api/v1/uploads", "{}")) { try presign($0, in: shop) }
            #expect(answer.outcome == "403 forbidden")
            #expect(try database.count("plumbing.rate_limits") == 0)
        }
    }

    @Test func `without a person the network is counted`() throws {
        try withDatabase { database throws in
            var shop = database.shop(of: "cart")
            shop.turnstile = .live(shop.database)
            var request = Request("POST /api/v1/cart/promotion")
            request.sourceIP = "192.0.2.7"
            for _ in 1...CostlyRoute.promotions.perNetwork.most { try shop.limit(request, .promotions) }
            #expect(throws: Problem.self) { try shop.limit(request, .promotions) }
            request.sourceIP = "192.0.2.8"
            try shop.limit(request, .promotions)
        }
    }
}
