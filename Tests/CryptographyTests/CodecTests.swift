import Cryptography
import Testing

@Suite struct CodecTests {
    /// RFC 4648, section 10.
    @Test(arguments: [
        ("", ""), ("f", "Zg=="), ("fo", "Zm8="), ("foo", "Zm9v"), ("foob", "Zm9vYg=="), ("fooba", "Zm9vYmE="),
        ("foobar", "Zm9vYmFy"),
    ])
    func `base64 answers as RFC 4648 says`(plain: String, encoded: String) {
        let bytes = Array(plain.utf8)
        let unpadded = String(encoded.prefix { $0 != "=" })
        #expect(Base64.encoded(bytes) == encoded)
        #expect(Base64.decoded(encoded) == bytes)
        #expect(Base64URL.encoded(bytes) == unpadded)
        #expect(Base64URL.decoded(unpadded) == bytes)
    }

    @Test func `all bytes come back from every codec`() {
        let bytes = (0...255).map { UInt8($0) }
        for count in 0...256 {
            let part = Array(bytes.suffix(count))
            #expect(Base64.decoded(Base64.encoded(part)) == part)
            #expect(Base64URL.decoded(Base64URL.encoded(part)) == part)
            #expect(Hex.decoded(Hex.encoded(part)) == part)
        }
        #expect(Base64.encoded([0xFB, 0xFF]) == "+/8=")
        #expect(Base64URL.encoded([0xFB, 0xFF]) == "-_8")
    }

    @Test(arguments: [
        "Zg", "Zg=", "Zh==", "Zm9=", "Zg==\n", " Zg==", "Z===", "====", "=", "Zm9v====", "Zg==Zg==", "Zm_v",
        "Zm-v",
        "Zm9\u{E9}", "Z\u{0}==",
    ])
    func `loose base64 is refused`(text: String) {
        #expect(Base64.decoded(text) == nil)
    }

    @Test(arguments: ["Zg==", "Zh", "Zm9", "Z", "Zm9vZ", "Zm+v", "Zm/v", "Zg\n", " Zg", "Z g", "Zm9v=", "é"])
    func `loose base64url is refused`(text: String) {
        #expect(Base64URL.decoded(text) == nil)
    }

    @Test(arguments: ["0", "0g", "0x", " 00", "00 ", "é0", "-1"])
    func `what is not hexadecimal is refused`(text: String) {
        #expect(Hex.decoded(text) == nil)
    }

    @Test func `hexadecimal is written small and read in either case`() {
        #expect(Hex.encoded([0x00, 0x9A, 0xFF]) == "009aff")
        #expect(Hex.decoded("009AfF") == [0x00, 0x9A, 0xFF])
    }
}
