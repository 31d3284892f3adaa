import Cryptography
import Testing

@testable import Identity

@Suite struct IDTokenTests {
    private func token(_ changes: [String: String?] = [:]) -> String {
        let usual = [
            "iss": #""https://id.test""#, "aud": #"["earshelf","other"]"#, "exp": "1060", "nonce": #""n""#,
            "sub": #""u1""#,
        ]
        let members = usual.merging(changes.compactMapValues { $0 }) { $1 }
            .filter { changes[$0.key] != .some(nil) }.map { "\"\($0.key)\":\($0.value)" }
        return "x.\(Base64URL.encoded(Array("{\(members.joined(separator: ","))}".utf8))).y"
    }

    private func read(_ text: String, at now: Int = 1000) throws(TokenError) -> IDToken {
        let issuer: Issuer
        do { issuer = try Issuer("https://id.test") } catch { throw .issuer }
        return try IDToken(text, of: issuer, for: "earshelf", nonce: "n", at: now)
    }

    @Test func `who it is for and from, and when, is held to what was asked`() throws {
        #expect(try read(token()).subject == "u1")
        #expect(
            try read(token(["aud": #""earshelf""#]), at: 1119).subject == "u1",
            "a minute for clocks that differ")
    }

    @Test(
        arguments: [
            (["iss": #""https://id.test/""#], TokenError.issuer), (["iss": nil], .issuer),
            (["aud": #""other""#], .audience),
            (["aud": nil], .audience), (["exp": "940"], .expired), (["exp": nil], .claim("exp")),
            (["nonce": #""m""#], .claim("nonce")), (["nonce": nil], .claim("nonce")),
            (["sub": nil], .claim("sub")),
        ] as [([String: String?], TokenError)])
    func `what was not asked for is refused`(changes: [String: String?], error: TokenError) {
        #expect(throws: error) { try read(token(changes)) }
    }

    @Test(arguments: ["", "a.b", "a.b.c", "a.e30.c.d", "a.!!.c"])
    func `what is no token is malformed`(text: String) {
        #expect(throws: TokenError.malformed) { try read(text) }
    }
}
