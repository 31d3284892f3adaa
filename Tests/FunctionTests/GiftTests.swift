import Core
import Foundation
import TestSupport
import Testing

@testable import cart
@testable import checkout
@testable import gifts

@Suite struct GiftFunctionTests {
    private let secret = "a secret of thirty-two characters"

    private func put(
        _ body: String, _ route: String = "POST /api/v1/cart/items", id: String? = nil, in shop: Shop
    )
        -> Response
    {
        let signedIn = ["authorization": "Bearer of whoever the shop's test says"]
        return Lambda.answer(.typed(route, body, id: id, headers: signedIn)) { try cart($0, in: shop) }
    }

    private func given(_ database: TestDatabase, by customer: Customer.ID, secrets: [String]? = nil)
        -> Response
    {
        var shop = database.shop(of: "gifts", for: .customer(customer))
        shop.giftCodes = GiftCodes(secrets: secrets ?? [secret])
        return Lambda.answer(.typed("GET /api/v1/gifts")) { try gifts($0, in: shop) }
    }

    private func redeem(_ code: String, _ database: TestDatabase, by customer: Customer.ID) -> Response {
        let shop = database.shop(of: "gifts", for: .customer(customer))
        return Lambda.answer(.typed("POST /api/v1/gifts/redeem", #"{"code": "\#(code)"}"#)) {
            try gifts($0, in: shop)
        }
    }

    /// A free book bought for somebody: no provider is asked, and the story is the same.
    private func bought(_ database: TestDatabase, day: String? = nil, price: Int = 0) throws -> (
        giver: Customer.ID, book: Audiobook.ID, code: String
    ) {
        let (giver, book) = try database.prepared { transaction in
            let editor = try transaction.person("e", .editor)
            return (try transaction.person("g"), try transaction.published("Emma", price: price, by: editor))
        }
        let day = day.map { #", "deliverOn": "\#($0)""# } ?? ""
        let wish =
            #"{"audiobookId": "\#(book)", "gift": {"recipientEmail": "ada@id.test", "message": "Enjoy"\#(day)}}"#
        #expect(put(wish, in: database.shop(of: "cart", for: .customer(giver))).outcome == "200")
        var shop = database.shop(of: "checkout", for: .customer(giver))
        shop.giftCodes = GiftCodes(secrets: [secret])
        let order = Lambda.answer(.typed("POST /api/v1/checkout", #"{"country": "US"}"#)) {
            try checkout($0, in: shop)
        }
        #expect(order["state"] == "confirmed")
        return (giver, book, try #require(given(database, by: giver)["items/0/code"]))
    }

    @Test func `a book of the cart becomes a gift and one's own again`() throws {
        try withDatabase { database in
            let (customer, book, owned) = try database.prepared { transaction in
                let editor = try transaction.person("e", .editor), customer = try transaction.person("c")
                let owned = try transaction.published("Emma", by: editor)
                let order = try transaction.ordered([owned], by: customer)
                _ = try transaction.record(.test(of: try transaction.opened(order)))
                return (customer, try transaction.published("Persuasion", by: editor), owned)
            }
            let shop = database.shop(of: "cart", for: .customer(customer))
            _ = put(#"{"audiobookId": "\#(book)"}"#, in: shop)
            let route = "PUT /api/v1/cart/items/{id}"
            let gift = #"{"gift": {"recipientEmail": "ada@id.test", "senderName": "Ben"}}"#
            #expect(put(gift, route, id: "\(book)", in: shop)["items/0/gift/senderName"] == "Ben")
            #expect(put("{}", route, id: "\(book)", in: shop)["items/0/gift"] == nil)
            #expect(put("{}", route, id: "\(owned)", in: shop).outcome == "409 already-owned")
            #expect(put(gift, route, id: "\(owned)", in: shop).outcome == "404 not-found")

            #expect(put(#"{"audiobookId": "\#(owned)"}"#, in: shop).outcome == "409 already-owned")
            let forAda = #"{"audiobookId": "\#(owned)", "gift": {"recipientEmail": "ada@id.test"}}"#
            #expect(put(forAda, in: shop)["items"] == "2", "a gift may be of a book one owns")
            #expect(put("{}", route, id: "\(owned)", in: shop).outcome == "409 already-owned")
            for (member, value) in [
                ("recipientEmail", "ada"), ("recipientName", ""), ("senderName", ""), ("message", ""),
                ("deliverOn", "2020-01-01"),
            ] {
                let email = member == "recipientEmail" ? "" : #""recipientEmail": "ada@id.test", "#
                let body = #"{"gift": {\#(email)"\#(member)": "\#(value)"}}"#
                let refused = put(body, route, id: "\(book)", in: shop)
                #expect(
                    refused.outcome == "422 invalid-value" && refused["errors/0/pointer"] == "/gift/\(member)"
                )
            }
            let odd = put(
                #"{"gift": {"recipientEmail": "a@id.test", "deliverOn": "soon"}}"#, route, id: "\(book)",
                in: shop)
            #expect(odd["errors/0/pointer"] == "/gift/deliverOn")
        }
    }

    @Test func `a gift is opened by its code, once, and the giver can always be shown it`() throws {
        try withDatabase { database in
            let (giver, book, code) = try bought(database)
            let list = given(database, by: giver)
            #expect(list["items/0/state"] == "waiting" && list["items/0/message"] == "Enjoy")
            #expect(list["items/0/link"] == "https://shop.test/gifts/redeem#\(code)")
            #expect(given(database, by: giver, secrets: ["a new one", secret])["items/0/code"] == code)
            #expect(given(database, by: giver, secrets: ["a new one"])["items/0/code"] == nil)
            #expect(
                try database.prepared { try $0.library(of: giver).items.isEmpty }, "it is not the giver's")

            let (ada, ben) = try database.prepared { (try $0.person("ada"), try $0.person("ben")) }
            #expect(given(database, by: ada)["items"] == "0")
            let opened = redeem(code.lowercased(), database, by: ada)
            #expect(opened.outcome == "200" && opened["audiobookId"] == "\(book)")
            #expect(redeem(code, database, by: ada).body == opened.body, "the answer may have been lost")
            #expect(redeem(code, database, by: ben).outcome == "409 gift-redeemed")
            #expect(try database.prepared { try $0.library(of: ada).items.map(\.audiobook) } == [book])
            let after = given(database, by: giver)
            #expect(after["items/0/state"] == "redeemed" && after["items/0/code"] == nil)
            #expect(try database.count("listening.entitlements WHERE source = 'gift'") == 1)
        }
    }

    @Test func `not before its day, and not for who has the book`() throws {
        try withDatabase { database in
            let tomorrow = Day(of: Date(timeIntervalSinceNow: 2 * 86_400)).rawValue
            let (_, book, code) = try bought(database, day: tomorrow)
            let ada = try database.prepared { try $0.person("ada") }
            let early = redeem(code, database, by: ada)
            #expect(early.outcome == "409 gift-not-yet" && early.text.contains(tomorrow))
            try database.prepared { try $0.run("UPDATE sales.gifts SET deliver_on = current_date") }
            let owner = try database.prepared { transaction in
                let owner = try transaction.person("o")
                let order = try transaction.ordered([book], by: owner)
                let attempt = try transaction.attempt(toPay: order.id, until: Date())
                _ = try transaction.record(.free(attempt, at: Date()))
                return owner
            }
            #expect(redeem(code, database, by: owner).outcome == "409 already-owned")
            #expect(redeem(code, database, by: ada).outcome == "200", "the code stayed good")
        }
    }

    @Test(arguments: ["0000-0000-0000-0000", "", "x"])
    func `what is no code is told like a code of nobody's`(code: String) throws {
        try withDatabase { database in
            let ada = try database.prepared { try $0.person("ada") }
            #expect(redeem(code, database, by: ada).outcome == "404 gift-unknown")
        }
    }

    @Test func `nobody tries codes for long, and nobody without signing in`() throws {
        try withDatabase { database in
            let ada = try database.prepared { try $0.person("ada") }
            var shop = database.shop(of: "gifts", for: .customer(ada))
            shop.turnstile = Turnstile { route, asker in
                #expect(route == .gifts && asker == .person(ada))
                return 7
            }
            let limited = Lambda.answer(.typed("POST /api/v1/gifts/redeem", "{}")) { try gifts($0, in: shop) }
            #expect(limited.statusCode == 429 && limited.headers["retry-after"] == "7")
            let stranger = database.shop(of: "gifts")
            for route in ["GET /api/v1/gifts", "POST /api/v1/gifts/redeem"] {
                let answer = Lambda.answer(.typed(route, "{}")) { try gifts($0, in: stranger) }
                #expect(answer.outcome == "401 unauthenticated")
            }
            let odd = Lambda.answer(.typed("GET /api/v1/gifts/1")) { try gifts($0, in: shop) }
            #expect(odd.outcome == "404 not-found")
        }
    }
}
