import Cryptography
import Foundation
import Testing

@testable import StandIns

@Suite struct IdentityStandInWebhookTests {
    private static let secret = "whsec_" + Base64.encoded([UInt8](repeating: 9, count: 24))

    private func isSigned(_ call: Call) -> Bool {
        let message = "\(call.headers["svix-id"] ?? "").\(call.headers["svix-timestamp"] ?? "")."
        let mac = HMAC.sha256(key: [UInt8](repeating: 9, count: 24), message: Array(message.utf8) + call.body)
        return call.headers["svix-signature"] == "v1," + Base64.encoded(mac)
    }

    private func told(_ call: Call) throws -> (type: String?, data: JSON) {
        let event = try JSON(parsing: call.body)
        #expect(event["object"] == "event")
        return (event["type"].string, event["data"])
    }

    @Test func `an account is told of when it is made, changed and deleted`() async throws {
        let receiver = Receiver()
        try await running({ try await receiver.run() }) {
            let url = try await receiver.address
            try await withIdentity({ $0.webhook = .init(url: "\(url)/hooks", secret: Self.secret) }) { shop in
                let token = try await shop.token(for: "ada").json["access_token"]
                _ = try await shop.token(for: "ada")
                let page = "\(shop.address)/people/user_ada"
                #expect(try await send("GET", page).text.contains("Ada Lovelace"))
                let change = [("name", "Ada King"), ("email", "king@earshelf.example")]
                #expect(try await send(form: change, to: page).status == 303)
                #expect(try await send(form: change, to: page).status == 303)
                #expect(try await send(form: [], to: "\(page)/delete").status == 303)

                let calls = await receiver.next(3)
                #expect(calls.allSatisfy(isSigned))
                #expect(Set(calls.compactMap { $0.headers["svix-id"] }).count == 3)
                var data: [String: JSON] = [:]
                for call in calls {
                    let (type, value) = try told(call)
                    data[type ?? ""] = value
                }
                let created = try #require(data["user.created"]), updated = try #require(data["user.updated"])
                #expect(created["id"] == "user_ada" && created["first_name"] == "Ada")
                #expect(created["email_addresses"][0]["id"] == created["primary_email_address_id"])
                #expect(created["email_addresses"][0]["email_address"] == "ada@earshelf.example")
                #expect(updated["last_name"] == "King" && updated["created_at"] == created["created_at"])
                #expect(try #require(updated["updated_at"].integer) > #require(created["updated_at"].integer))
                #expect(data["user.deleted"] == ["deleted": true, "id": "user_ada", "object": "user"])

                let bearer = ["authorization": "Bearer \(token.string ?? "")"]
                #expect(try await send("GET", "\(shop.address)/userinfo", headers: bearer).status == 401)
                #expect(try await shop.token(for: "ada").status == 400, "an account that is deleted is gone")
                #expect(try await send("GET", page).status == 404)
                #expect(try await send(form: [], to: "\(page)/delete").status == 404)
            }
        }
    }

    @Test func `whoever comes by the address of a deleted account is somebody else`() async throws {
        try await withIdentity { shop in
            func subject() async throws -> String? {
                let token = try await shop.token(for: "eve@earshelf.example").json["access_token"]
                return try await shop.verified(token)?.claims["sub"].string
            }
            let first = try #require(try await subject())
            #expect(try await subject() == first)
            #expect(try await send(form: [], to: "\(shop.address)/people/\(first)/delete").status == 303)
            let second = try #require(try await subject())
            #expect(second != first)
            #expect(try await subject() == second)
        }
    }

    @Test func `an account is changed to what can be, and by its own page`() async throws {
        try await withIdentity { shop in
            let page = "\(shop.address)/people/user_ben"
            for change in [("email", "ben"), ("email", "ADA@earshelf.example"), ("name", " ")] {
                let answer = try await send(form: [change], to: page)
                #expect(answer.status == 422 && answer.text.contains("role=\"alert\""), "\(change)")
            }
            let foreign = ["origin": "https://evil.example"]
            #expect(try await send(form: [("name", "Eve")], to: page, headers: foreign).status == 403)
            #expect(try await send(form: [], to: "\(page)/delete", headers: foreign).status == 403)
            #expect(
                try await send(form: [("name", "Eve")], to: page, headers: ["origin": shop.address]).status
                    == 303)
            #expect(try await send("GET", "\(shop.address)/people/nobody").status == 404)
            #expect(try await send("GET", shop.address).text.contains("/people/user_ben"))
        }
    }

    @Test func `a refused delivery comes again under the same id, newly signed, and after a restart`()
        async throws
    {
        let receiver = Receiver(answering: [500, 302, 200])
        try await withFolder { folder in
            try await withIdentity(
                in: folder, { $0.webhook = .init(url: "http://127.0.0.1:1/", secret: Self.secret) }
            ) {
                _ = try await $0.token(for: "ada")
            }
            try await running({ try await receiver.run() }) {
                let url = try await receiver.address
                let settings = { (configuration: inout IdentityStandIn.Configuration) in
                    configuration.webhook = .init(url: url, secret: Self.secret)
                    configuration.retryPauses = [.milliseconds(1), .milliseconds(1), .milliseconds(1)]
                }
                try await withIdentity(in: folder, settings) { _ throws in
                    let calls = await receiver.next(3)
                    #expect(calls.allSatisfy(isSigned))
                    #expect(Set(calls.compactMap { $0.headers["svix-id"] }).count == 1)
                    for call in calls { #expect(try told(call).type == "user.created") }
                }
            }
        }
    }

    @Test func `a token tells for how long somebody has been signed in`() async throws {
        let clock = TestClock()
        try await withIdentity({ $0.now = clock.now }) { shop in
            let code = try await shop.code(for: ("person", "user_ada"))
            let first = try await shop.redeem(code).json
            #expect(try await shop.verified(first["access_token"])?.claims["fva"] == [0, -1])
            clock.advance(by: 185)
            let refresh = try #require(first["refresh_token"].string)
            let later = try await shop.token([
                ("grant_type", "refresh_token"), ("client_id", "earshelf"), ("refresh_token", refresh),
            ]).json
            #expect(try await shop.verified(later["access_token"])?.claims["fva"] == [3, -1])
        }
    }
}
