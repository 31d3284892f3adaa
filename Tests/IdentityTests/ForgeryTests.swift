import Cryptography
import Identity
import Testing

@Suite struct ForgeryTests {
    private func encoded(_ text: String) -> String { Base64URL.encoded(Array(text.utf8)) }

    @Test func `no algorithm proves nothing`() throws {
        for algorithm in ["none", "None", "NONE", "nOnE", ""] {
            let parts = encoded(#"{"alg":"\#(algorithm)","kid":"ins_1"}"#) + "." + encoded(session())
            #expect(try outcome(parts + ".") == .malformed)
            #expect(try outcome(parts) == .malformed)
            #expect(try outcome(parts + ".AA") == .algorithm)
        }
    }

    @Test func `the public key is no secret to sign with`() throws {
        let issuer = try TestIssuer()
        let parts = encoded(#"{"alg":"HS256","kid":"ins_1","typ":"JWT"}"#) + "." + encoded(session())
        for secret in [issuer.key.key.modulus, Array(issuer.signer.pem.utf8), []] {
            let code = HMAC.sha256(key: secret, message: parts)
            #expect(try outcome(parts + "." + Base64URL.encoded(code)) == .algorithm)
            // The same under the right name of the wrong algorithm.
            let renamed = encoded(TestIssuer.header) + "." + encoded(session())
            let other = HMAC.sha256(key: secret, message: renamed)
            #expect(try outcome(renamed + "." + Base64URL.encoded(other)) == .signature)
        }
    }

    @Test func `another's key, and a key the token brings along, prove nothing`() throws {
        let forger = try TestIssuer(otherKey: true)
        #expect(try outcome(forger.token(session())) == .signature)
        let modulus = Base64URL.encoded(forger.key.key.modulus)
        let header = #"{"alg":"RS256","kid":"ins_1","jwk":{"kty":"RSA","e":"AQAB","n":"\#(modulus)"}}"#
        #expect(try outcome(forger.token(header: header, session())) == .signature)
    }

    @Test func `a signature fits one token alone`() throws {
        let issuer = try TestIssuer()
        let mine = issuer.token(session()).split(separator: ".")
        let yours = issuer.token(session(["sub": "\"user_2\""])).split(separator: ".")
        #expect(try outcome([mine[0], mine[1], yours[2]].joined(separator: ".")) == .signature)
        #expect(try outcome([mine[0], yours[1], mine[2]].joined(separator: ".")) == .signature)
        let header = encoded(#"{"alg":"RS256","kid":"ins_1"}"#)
        #expect(try outcome([header[...], mine[1], mine[2]].joined(separator: ".")) == .signature)
        // Nothing of a token with a bad signature is looked at, its expiry neither.
        let expired = issuer.token(session(["exp": "0"])).split(separator: ".")
        #expect(try outcome([expired[0], expired[1], mine[2]].joined(separator: ".")) == .signature)
    }

    @Test func `signatures of other digests and lengths prove nothing`() throws {
        let issuer = try TestIssuer()
        let parts = encoded(TestIssuer.header) + "." + encoded(session())
        let message = Array(parts.utf8)
        let good = issuer.signer.signature(of: message)
        let forged: [[UInt8]] = [
            issuer.signer.signature(of: message, with: .rs384),
            issuer.signer.signature(of: message, with: .rs512),
            good.dropLast(), [0] + good, good + [0], [UInt8](repeating: 0, count: 256), [1],
            [UInt8](repeating: 0, count: 255) + [1], issuer.key.key.modulus,
        ]
        for signature in forged {
            #expect(try outcome(parts + "." + Base64URL.encoded(signature)) == .signature)
        }
        #expect(try outcome(parts + "." + Base64URL.encoded(good)) == nil)
    }

    @Test func `a token has one text: three parts of canonical base64url`() throws {
        let token = try TestIssuer().token(session())
        let parts = token.split(separator: ".").map(String.init)
        // 256 bytes leave four unused bits in the last digit, which must be zero.
        let last = try #require(parts[2].last)
        let digits = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_")
        let next = digits[try #require(digits.firstIndex(of: last)) + 1]
        let other = [
            token.dropLast() + String(next), token + "=", token + "==", token + ".", "." + token,
            token + "\n",
            " " + token, token + " ", token.replacing(".", with: ".."), parts[0] + "." + parts[1], parts[0],
            "", ".",
            "..", "...", token + "." + parts[2], parts[0] + "..", "." + parts[1] + "." + parts[2],
            parts[0] + "=." + parts[1] + "." + parts[2],
            token.replacing("_", with: "/").replacing("-", with: "+") + "+",
            "é" + token, token + "\u{0}",
        ]
        for text in other { #expect(try outcome(String(text)) == .malformed, "\(text)") }
        #expect(try outcome(token) == nil)
    }

    @Test func `claims that are no strict JSON in UTF-8 are nothing, though signed`() throws {
        let issuer = try TestIssuer()
        let header = encoded(TestIssuer.header)
        let good = session()
        let claims: [[UInt8]] = [
            [], Array("[]".utf8), Array("null".utf8), Array(good.dropLast().utf8), Array((good + "x").utf8),
            Array("\u{FEFF}\(good)".utf8), good.utf16.flatMap { [UInt8($0 & 0xFF), UInt8($0 >> 8)] },
            Array(good.replacing("user_1", with: "user_\n1").utf8),
            Array(good.replacing("\"user_1\"", with: "\"user_1\",\"sub\":\"admin\"").utf8),
            Array(good.replacing("\"user_1\"", with: "\"user_1\",\"s\\u0075b\":\"admin\"").utf8),
            Array("{\"sub\":\"".utf8) + [0xC0, 0xAF] + Array("\",\(good.dropFirst())".utf8),
            Array(
                "{\"a\":\(String(repeating: "[", count: 100))\(String(repeating: "]", count: 100)),\(good.dropFirst())"
                    .utf8),
        ]
        for bytes in claims {
            #expect(try outcome(issuer.signed("\(header).\(Base64URL.encoded(bytes))")) == .malformed)
        }
    }

    @Test func `a token over 8 KiB is not read`() throws {
        let issuer = try TestIssuer()
        let short = issuer.token(session(["x": "\"\(String(repeating: "a", count: 5_000))\""]))
        let long = issuer.token(session(["x": "\"\(String(repeating: "a", count: 6_000))\""]))
        #expect(short.utf8.count < 8_192 && long.utf8.count > 8_192)
        #expect(try outcome(short) == nil)
        #expect(try outcome(long) == .malformed)
    }

    @Test func `a key counts for its own issuer and name`() throws {
        let ours = try TestIssuer()
        let theirs = try TestIssuer("https://clerk.other.example", otherKey: true)
        let verifier = try verifier()
        // Their token under our issuer's name, and a store that mixes issuers up.
        #expect(throws: TokenError.foreignKey) {
            try verifier.claims(of: theirs.token(session()), by: .cookie, key: { _ in theirs.key }, at: now)
        }
        let renamed = SigningKey(id: "INS_1", issuer: ours.issuer, key: ours.key.key)
        #expect(throws: TokenError.foreignKey) {
            try verifier.claims(of: ours.token(session()), by: .cookie, key: { _ in renamed }, at: now)
        }
    }

    /// Swift takes the sign of Kelvin for a K, and é in one code point for é in two.
    @Test func `names are compared by bytes`() throws {
        let issuer = try TestIssuer("https://id.example/K")
        let policy = try TokenPolicy(issuer: issuer.issuer, authorizedParties: ["Kiosk"], audience: "Köln")
        func outcome(_ claims: String) throws -> TokenError? {
            do {
                _ = try TokenVerifier(policy).claims(
                    of: issuer.token(claims), by: .cookie, key: { _ in issuer.key }, at: now)
                return nil
            } catch let error as TokenError { return error }
        }
        let good = ["iss": "\"https://id.example/K\"", "azp": "\"Kiosk\"", "aud": "\"Köln\""]
        #expect(try outcome(session(good)) == nil)
        let changes: [(String, String, TokenError)] = [
            ("iss", "\"https://id.example/\u{212A}\"", .issuer),
            ("azp", "\"\u{212A}iosk\"", .authorizedParty),
            ("aud", "\"Ko\u{308}ln\"", .audience),
        ]
        for (name, value, error) in changes {
            #expect(try outcome(session(good.merging([name: value]) { $1 })) == error)
        }
    }

    @Test func `keys that cannot be had are an outage, not a verdict`() throws {
        struct Outage: Error {}
        let token = try TestIssuer().token(session())
        #expect(throws: Outage.self) {
            try verifier().claims(of: token, by: .cookie, key: { _ in throw Outage() }, at: now)
        }
    }
}
