import Foundation
import Synchronization
import Testing

@testable import StandIns

@Suite struct StripeStandInIdempotencyTests {
    @Test func `the same request twice under one key is made once`() async throws {
        try await withStripe { shop, _ in
            let first = try await shop.post("checkout/sessions", StripeShop.session, key: "k1")
            let second = try await shop.post("checkout/sessions", StripeShop.session.reversed(), key: "k1")
            #expect(second.status == 200)
            #expect(second.json == first.json)
            #expect(first.headers["idempotent-replayed"] == nil)
            #expect(second.headers["idempotent-replayed"] == "true")
            #expect(second.headers["original-request"] == first.headers["request-id"])
            #expect(try await shop.get("checkout/sessions").json["data"].elements.count == 1)
        }
    }

    @Test func `other parameters under the same key are an error`() async throws {
        try await withStripe { shop, _ in
            _ = try await shop.post("customers", [("email", "ada@example.com")], key: "k1")
            let other = try await shop.post("customers", [("email", "ben@example.com")], key: "k1")
            #expect(other.status == 400)
            #expect(other.json["error"]["type"] == "idempotency_error")
        }
    }

    @Test func `a malformed request uses no key up`() async throws {
        try await withStripe { shop, _ in
            let wrong = try await shop.post("customers", [("colour", "red")], key: "k1")
            #expect(wrong.status == 400)
            #expect(try await shop.post("customers", [("email", "ada@example.com")], key: "k1").status == 200)
        }
    }

    @Test func `the second of two at once is told to wait`() async throws {
        let gate = Gate()
        try await withStripe({ $0.hindrance = { await gate.pass() } }) { shop, _ in
            async let first = shop.post("customers", [("email", "ada@example.com")], key: "k1")
            await gate.arrival()
            let second = try await shop.post("customers", [("email", "ada@example.com")], key: "k1")
            #expect(second.status == 409)
            #expect(second.json["error"]["code"] == "idempotency_key_in_use")
            gate.open()
            #expect(try await first.status == 200)
        }
    }

    @Test func `a key is forgotten after a day`() async throws {
        let clock = TestClock()
        try await withStripe({ $0.now = clock.now }) { shop, _ in
            let first = try await shop.post("customers", [("email", "ada@example.com")], key: "k1")
            clock.advance(by: 86399)
            let second = try await shop.post("customers", [("email", "ada@example.com")], key: "k1")
            #expect(second.json["id"] == first.json["id"])
            clock.advance(by: 1)
            let third = try await shop.post("customers", [("email", "ada@example.com")], key: "k1")
            #expect(third.json["id"] != first.json["id"])
        }
    }

    @Test func `what was answered is known after a restart, and a torn last line is forgotten`() async throws
    {
        try await withFolder { folder in
            let first = try await withStripe(in: folder) { shop, _ in
                try await shop.post("checkout/sessions", StripeShop.session, key: "k1").json
            }
            let log = try FileHandle(forWritingTo: folder.appending(path: "objects.jsonl"))
            try log.seekToEnd()
            try log.write(contentsOf: Data(#"[["customer","cus_torn",{"id":"#.utf8))
            try log.close()
            try await withStripe(in: folder) { shop, _ in
                let again = try await shop.post("checkout/sessions", StripeShop.session, key: "k1").json
                #expect(again["id"] == first["id"])
                #expect(try await shop.get("checkout/sessions/\(first["id"].string!)").status == 200)
                #expect(try await shop.get("customers/cus_torn").status == 404)
            }
        }
    }
}

/// Holds those who come until it is opened.
final class Gate: Sendable {
    private let arrivals: AsyncStream<Void>
    private let arrived: AsyncStream<Void>.Continuation
    private let opening: AsyncStream<Void>
    private let opened: AsyncStream<Void>.Continuation

    init() {
        (arrivals, arrived) = AsyncStream.makeStream()
        (opening, opened) = AsyncStream.makeStream()
    }

    func pass() async {
        arrived.yield()
        for await _ in opening {}
    }

    func arrival() async { for await _ in arrivals { return } }

    func open() { opened.finish() }
}
