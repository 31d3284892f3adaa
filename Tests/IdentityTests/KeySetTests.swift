import Cryptography
import Identity
import Testing

@Suite struct KeySetTests {
    private let issuer: Issuer
    private let modulus: String

    init() throws {
        let test = try TestIssuer()
        issuer = test.issuer
        modulus = Base64URL.encoded(test.key.key.modulus)
    }

    private func key(_ changes: [String: String?] = [:]) -> String {
        var members: [String: String] = [
            "kty": "\"RSA\"", "use": "\"sig\"", "alg": "\"RS256\"", "kid": "\"ins_1\"", "n": "\"\(modulus)\"",
            "e": "\"AQAB\"",
        ]
        for (name, value) in changes { members[name] = value }
        return "{"
            + members.sorted { $0.key < $1.key }.map { "\"\($0.key)\":\($0.value)" }.joined(separator: ",")
            + "}"
    }

    private func names(_ keys: String...) throws -> [String] {
        let document = "{\"keys\":[\(keys.joined(separator: ","))]}"
        return try SigningKey.keySet(from: Array(document.utf8), of: issuer).map(\.id)
    }

    @Test func `a key set gives its keys, and each knows its issuer`() throws {
        let document = Array("{\"keys\":[\(key())],\"more\":1}".utf8)
        #expect(try SigningKey.keySet(from: document, of: issuer) == [TestIssuer().key])
    }

    @Test(
        arguments: [
            ["use": nil, "alg": nil], ["key_ops": "[\"verify\"]"], ["x5c": "[\"AAAA\"]", "x5t": "\"A\""],
            ["ext": "true"],
        ] as [[String: String?]])
    func `what a key may leave out or add is no matter`(changes: [String: String?]) throws {
        #expect(try names(key(changes)) == ["ins_1"])
    }

    @Test(
        arguments: [
            ["kty": "\"EC\""], ["kty": "\"oct\"", "k": "\"AAAA\""], ["kty": nil], ["use": "\"enc\""],
            ["use": "null"],
            ["alg": "\"RS512\""], ["alg": "\"PS256\""], ["alg": "\"HS256\""], ["alg": "null"], ["kid": nil],
            ["kid": "\"\""],
            ["kid": "7"], ["kid": "\"a b\""], ["n": nil], ["n": "\"AQAB\""], ["n": "\"\""],
            ["n": "\"not base64!\""],
            ["e": "\"AQ\""], ["e": "\"AQAB=\""], ["e": "\"AAAA\""], ["e": nil], ["key_ops": "[\"encrypt\"]"],
            ["key_ops": "\"verify\""], ["d": "\"AQAB\""],
        ] as [[String: String?]])
    func `a key that cannot be used is passed over`(changes: [String: String?]) throws {
        #expect(try names(key(changes), key(["kid": "\"ins_2\""])) == ["ins_2"])
        #expect(try names(key(changes)).isEmpty)
    }

    @Test func `a key of 1024 bits is no key, so its tokens are of an unknown one`() throws {
        let short = Base64URL.encoded([UInt8](repeating: 0xFF, count: 128))
        #expect(try names(key(["n": "\"\(short)\""])).isEmpty)
    }

    @Test func `a name that two keys bear names neither, the same key twice is one`() throws {
        let other = try Base64URL.encoded(TestIssuer(otherKey: true).key.key.modulus)
        #expect(try names(key(), key(["n": "\"\(other)\""]), key(["kid": "\"ins_2\""])) == ["ins_2"])
        #expect(try names(key(), key()) == ["ins_1"])
        #expect(try names(key(), "7", "null", "[]", "{}") == ["ins_1"])
    }

    @Test(arguments: [
        "", "{}", "[]", "{\"keys\":{}}", "{\"keys\":null}", "{\"keys\":[]", "{\"keys\":[],\"keys\":[]}",
        "<html>",
    ])
    func `what is no key set is refused`(document: String) {
        #expect(throws: IdentityError.malformedKeySet) {
            try SigningKey.keySet(from: Array(document.utf8), of: issuer)
        }
    }

    @Test func `a set of too many keys or bytes is refused`() throws {
        let hundred = [String](repeating: "{}", count: 100)
        func document(_ keys: [String], padding: Int = 0) -> [UInt8] {
            Array(
                ("{\"keys\":[\(keys.joined(separator: ","))]}" + String(repeating: " ", count: padding)).utf8)
        }
        #expect(try SigningKey.keySet(from: document(hundred), of: issuer).isEmpty)
        #expect(throws: IdentityError.malformedKeySet) {
            try SigningKey.keySet(from: document(hundred + ["{}"]), of: issuer)
        }
        #expect(throws: IdentityError.malformedKeySet) {
            try SigningKey.keySet(from: document([], padding: 262_144), of: issuer)
        }
    }
}
