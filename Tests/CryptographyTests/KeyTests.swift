import Cryptography
import Testing

@Suite struct KeyTests {
    /// RFC 7515, appendix A.2.
    @Test func `RS256 verifies the signature of RFC 7515, and none altered by a bit`() throws {
        let key = try RSAPublicKey(modulus: jws(modulus), exponent: jws("AQAB"))
        let signature = try jws(rsaSignature)
        let message = Array("eyJhbGciOiJSUzI1NiJ9.\(payload)".utf8)
        #expect(key.verifies(signature, of: message))
        #expect(!key.verifies(signature, of: message, with: .rs384))
        #expect(!key.verifies(signature, of: message, with: .rs512))
        #expect(!key.verifies(signature, of: message + [0]))
        #expect(!key.verifies([], of: message))
        #expect(!key.verifies([0] + signature, of: message))
        for index in stride(from: 0, to: signature.count, by: 17) {
            var other = signature
            other[index] ^= 1
            #expect(!key.verifies(other, of: message))
        }
    }

    /// RFC 7515, appendix A.3.
    @Test func `ES256 verifies the signature of RFC 7515, and none altered by a bit`() throws {
        let key = try P256PublicKey(
            x: jws("f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU"),
            y: jws("x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0"))
        let signature = try jws(
            "DtEhU3ljbEg8L38VWAfUAqOyKAM6-Xx-F4GawxaepmXFCgfTjDxw5djxLa8ISlSApmWQxfKTUJqPP3-Kg6NU1Q")
        let message = Array("eyJhbGciOiJFUzI1NiJ9.\(payload)".utf8)
        #expect(key.verifiesES256(signature, of: message))
        #expect(!key.verifiesES256(signature, of: message + [0]))
        #expect(!key.verifiesES256([UInt8](repeating: 0, count: 64), of: message))
        #expect(!key.verifiesES256(Array(signature.dropLast()), of: message))
        for index in signature.indices {
            var other = signature
            other[index] ^= 0x80
            #expect(!key.verifiesES256(other, of: message))
        }
    }

    @Test func `a point off the curve, or of another length, is no key`() throws {
        let x = try jws("f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU")
        #expect(throws: KeyError.malformed) { try P256PublicKey(x: x, y: x) }
        #expect(throws: KeyError.malformed) { try P256PublicKey(x: [], y: []) }
        #expect(throws: KeyError.malformed) { try P256PublicKey(x: [0] + x, y: x) }
    }

    @Test func `a key made here signs what its public half verifies, in each algorithm`() throws {
        let key = RSAPrivateKey()
        let message = Array("a book".utf8)
        #expect(key.publicKey.modulus.count == 256)
        #expect(key.publicKey.exponent == [1, 0, 1])
        let rebuilt = try RSAPublicKey(modulus: [0] + key.publicKey.modulus, exponent: [0, 1, 0, 1])
        #expect(rebuilt == key.publicKey)
        for algorithm in RSAAlgorithm.allCases {
            let signature = key.signature(of: message, with: algorithm)
            #expect(
                RSAAlgorithm.allCases.filter { rebuilt.verifies(signature, of: message, with: $0) } == [
                    algorithm
                ])
        }
        #expect(!RSAPrivateKey().publicKey.verifies(key.signature(of: message), of: message))
    }

    @Test func `a key survives PEM`() throws {
        let key = RSAPrivateKey()
        let read = try RSAPrivateKey(pem: key.pem)
        #expect(key.pem.hasPrefix("-----BEGIN PRIVATE KEY-----\n"))
        #expect(read.publicKey == key.publicKey)
        #expect(read.signature(of: [1]) == key.signature(of: [1]))
    }

    @Test(arguments: [
        "", "-----BEGIN PRIVATE KEY-----\n-----END PRIVATE KEY-----\n", "AAAA",
        // A good key, but of the curve P-256.
        """
        -----BEGIN PRIVATE KEY-----
        MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQg1NfhBOzmMw+T7i2u
        nh6WLBkveYm0ewSawgYsjaLtpeKhRANCAAQD5HUddcIW+BG6C0bSwZf6Grk54lQJ
        nyYK+Dr2JVFn8YGXmVRh9EnySYlUMoS8PbAhClqPpHOW1BgrOIv6pUzd
        -----END PRIVATE KEY-----

        """,
    ])
    func `PEM of anything but an RSA key is refused`(pem: String) {
        #expect(throws: KeyError.malformed) { try RSAPrivateKey(pem: pem) }
    }

    @Test func `keys shorter than 2048 bits or longer than 8192 are refused`() throws {
        func key(bits: Int) throws -> RSAPublicKey {
            var modulus = [UInt8](repeating: 0xFF, count: (bits + 7) / 8)
            modulus[0] = 0xFF >> UInt8((8 - bits % 8) % 8)
            return try RSAPublicKey(modulus: modulus, exponent: [1, 0, 1])
        }
        #expect(throws: KeyError.tooShort(bits: 0)) { try RSAPublicKey(modulus: [], exponent: [1, 0, 1]) }
        #expect(throws: KeyError.tooShort(bits: 1_024)) { try key(bits: 1_024) }
        #expect(throws: KeyError.tooShort(bits: 2_047)) { try key(bits: 2_047) }
        #expect(throws: KeyError.tooLong(bits: 8_193)) { try key(bits: 8_193) }
        #expect(try key(bits: 2_048).modulus.count == 256)
        #expect(try key(bits: 8_192).modulus.count == 1_024)
    }

    @Test(arguments: [[], [0], [1], [2], [1, 0, 0], [1, 0, 0, 0, 0, 0, 0, 0, 1]] as [[UInt8]])
    func `exponents no key can have are refused`(exponent: [UInt8]) throws {
        let modulus = try jws(modulus)
        #expect(throws: KeyError.malformed) { try RSAPublicKey(modulus: modulus, exponent: exponent) }
    }

    @Test func `an even modulus is refused`() throws {
        var modulus = try jws(modulus)
        modulus[modulus.count - 1] &= 0xFE
        #expect(throws: KeyError.malformed) { try RSAPublicKey(modulus: modulus, exponent: [1, 0, 1]) }
    }
}

private func jws(_ text: String) throws -> [UInt8] { try #require(Base64URL.decoded(text)) }

private let payload = """
    eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFt\
    cGxlLmNvbS9pc19yb290Ijp0cnVlfQ
    """

private let modulus = """
    ofgWCuLjybRlzo0tZWJjNiuSfb4p4fAkd_wWJcyQoTbji9k0l8W26mPddxHmfHQp\
    -Vaw-4qPCJrcS2mJPMEzP1Pt0Bm4d4QlL-yRT-SFd2lZS-pCgNMsD1W_YpRPEwOW\
    vG6b32690r2jZ47soMZo9wGzjb_7OMg0LOL-bSf63kpaSHSXndS5z5rexMdbBYUs\
    LA9e-KXBdQOS-UTo7WTBEMa2R2CapHg665xsmtdVMTBQY4uDZlxvb3qCo5ZwKh9k\
    G4LT6_I5IhlJH7aGhyxXFvUK-DWNmoudF8NAco9_h9iaGNj8q2ethFkMLs91kzk2\
    PAcDTW9gb54h4FRWyuXpoQ
    """

private let rsaSignature = """
    cC4hiUPoj9Eetdgtv3hF80EGrhuB__dzERat0XF9g2VtQgr9PJbu3XOiZj5RZmh7\
    AAuHIm4Bh-0Qc_lF5YKt_O8W2Fp5jujGbds9uJdbF9CUAr7t1dnZcAcQjbKBYNX4\
    BAynRFdiuB--f_nZLgrnbyTyWzO75vRK5h6xBArLIARNPvkSjtQBMHlb1L07Qe7K\
    0GarZRmB_eSN9383LcOLn6_dO--xi12jzDwusC-eOkHWEsqtFZESc6BfI7noOPqv\
    hJ1phCnvWh6IeYI2w9QOYEUipUTI8np6LbgGY9Fs98rqVt5AXLIhWkWywlVmtVrB\
    p0igcN_IoypGlUPQGe77Rw
    """
