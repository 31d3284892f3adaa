import Foundation
import Testing

@testable import StandIns

@Suite struct IdentityStandInKeyTests {
    @Test func `a new key is published before it signs, and the old one until its tokens are gone`()
        async throws
    {
        let clock = TestClock()
        let settings = { (configuration: inout IdentityStandIn.Configuration) in
            configuration.now = clock.now
            configuration.tokenSeconds = 60
            configuration.announcementSeconds = 300
        }
        try await withIdentity(settings) { shop in
            let old = try await shop.keys()[0]["kid"]
            let rotated = try await send("POST", "\(shop.address)/rotate")
            #expect(rotated.status == 201)
            let new = rotated.json["kid"]
            #expect(try await shop.keys().map { $0["kid"] } == [old, new])
            let before = try await shop.token(for: "ada").json["access_token"]
            #expect(try await shop.verified(before)?.header["kid"] == old)
            clock.advance(by: 300)
            let after = try await shop.token(for: "ada").json["access_token"]
            #expect(try await shop.verified(after)?.header["kid"] == new)
            #expect(try await shop.keys().count == 2)
            clock.advance(by: 120)
            #expect(try await shop.keys().map { $0["kid"] } == [new])
        }
    }

    @Test func `at once means that it signs before anyone has seen it`() async throws {
        try await withIdentity { shop in
            let new = try await send("POST", "\(shop.address)/rotate?immediate=1").json["kid"]
            let token = try await shop.token(for: "ada").json["access_token"]
            #expect(try await shop.verified(token)?.header["kid"] == new)
            #expect(try await shop.keys().count == 2)
        }
    }

    @Test func `the keys outlive a restart and are nobody else's to read`() async throws {
        try await withFolder { folder in
            let token = try await withIdentity(in: folder) {
                try await $0.token(for: "ada").json["access_token"]
            }
            try await withIdentity(in: folder) { shop in
                let verified = try await shop.verified(token)
                #expect(verified?.claims["sub"] == "user_ada")
            }
            let file = folder.appending(path: "identity.jsonl").path
            let attributes = try FileManager.default.attributesOfItem(atPath: file)
            #expect(attributes[.posixPermissions] as? Int == 0o600)
        }
    }
}
