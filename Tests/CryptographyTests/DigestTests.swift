import Cryptography
import Testing

/// The check values are each algorithm's own: FIPS 180-4, RFC 1321, and the catalogue of CRCs (of
/// "123456789").
@Suite struct DigestTests {
    @Test(arguments: [
        ("", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"),
        ("abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"),
        (
            "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
            "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"
        ),
    ])
    func `SHA-256 answers as FIPS 180-4 says`(message: String, digest: String) {
        #expect(Hex.encoded(SHA256.hash(Array(message.utf8))) == digest)
    }

    @Test func `a million letters in uneven pieces hash as one`() {
        var hash = SHA256()
        var left = 1_000_000
        var size = 1
        while left > 0 {
            let count = min(size, left)
            hash.update([UInt8](repeating: UInt8(ascii: "a"), count: count))
            left -= count
            size = size * 7 % 4_099
        }
        #expect(
            Hex.encoded(hash.digest()) == "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0")
    }

    @Test func `each checksum has its published value`() {
        let digits = Array("123456789".utf8)
        #expect(Hex.encoded(CRC32.hash(digits)) == "cbf43926")
        #expect(Hex.encoded(CRC32C.hash(digits)) == "e3069283")
        #expect(Hex.encoded(CRC64NVME.hash(digits)) == "ae8b14860a799888")
        #expect(Hex.encoded(SHA1.hash(digits)) == "f7c3bc1d808e04732adf679965ccc34ca7ae3441")
        #expect(Hex.encoded(MD5.hash(digits)) == "25f9e794323b453885f5181f1b624d0b")
        #expect(Hex.encoded(CRC32.hash([])) == "00000000")
        #expect(Hex.encoded(MD5.hash([])) == "d41d8cd98f00b204e9800998ecf8427e")
    }

    @Test(
        arguments: [SHA256.self, SHA1.self, MD5.self, CRC32.self, CRC32C.self, CRC64NVME.self]
            as [any HashFunction.Type])
    func `pieces of any size, from any offset, hash as the whole`(function: any HashFunction.Type) {
        func check<Function: HashFunction>(_: Function.Type) {
            let bytes = (0..<1_000).map { UInt8(truncatingIfNeeded: $0 &* 167) }
            let whole = Function.hash(bytes)
            #expect(whole.count == Function.byteCount)
            for size in [1, 3, 7, 8, 9, 63, 64, 65, 999] {
                var hash = Function()
                var start = 0
                while start < bytes.count {
                    hash.update(bytes[start..<min(start + size, bytes.count)])
                    start += size
                }
                #expect(hash.digest() == whole)
            }
        }
        check(function)
    }

    @Test func `a copy of a hash goes its own way`() {
        var one = SHA256()
        one.update(Array("ab".utf8))
        var other = one
        one.update(Array("c".utf8))
        other.update(Array("d".utf8))
        #expect(one.digest() == SHA256.hash(Array("abc".utf8)))
        #expect(one.digest() == one.digest())
        #expect(other.digest() == SHA256.hash(Array("abd".utf8)))
    }

    /// RFC 4231, test cases 1, 2, 6 and 7.
    @Test(arguments: [
        (
            [UInt8](repeating: 0x0B, count: 20), "Hi There",
            "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7"
        ),
        (
            Array("Jefe".utf8), "what do ya want for nothing?",
            "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"
        ),
        (
            [UInt8](repeating: 0xAA, count: 131), "Test Using Larger Than Block-Size Key - Hash Key First",
            "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54"
        ),
        (
            [UInt8](repeating: 0xAA, count: 131),
            "This is a test using a larger than block-size key and a larger than block-size data. "
                + "The key needs to be hashed before being used by the HMAC algorithm.",
            "9b09ffa71b942fcb27635fbcd5b0e944bfdc63644f0713938a7f51535c3a35e2"
        ),
    ])
    func `HMAC answers as RFC 4231 says`(key: [UInt8], message: String, code: String) {
        #expect(Hex.encoded(HMAC.sha256(key: key, message: message)) == code)
        #expect(Hex.encoded(HMAC.sha256(key: key, message: Array(message.utf8))) == code)
    }

    @Test func `an empty key and an empty message have a code too`() {
        #expect(
            Hex.encoded(HMAC.sha256(key: [], message: []))
                == "b613679a0814d9ec772f95d778c35fc5ff1697c493715653c6c712144292c5ad")
    }

    @Test func `comparison sees every bit and every length`() {
        let bytes = randomBytes(32)
        #expect(constantTimeEqual(bytes, bytes))
        #expect(constantTimeEqual([], []))
        #expect(!constantTimeEqual(bytes, Array(bytes.dropLast())))
        #expect(!constantTimeEqual([], [0]))
        for bit in 0..<256 {
            var other = bytes
            other[bit / 8] ^= 1 << (bit % 8)
            #expect(!constantTimeEqual(bytes, other))
        }
    }

    @Test func `random bytes come in the number asked for and not twice`() {
        #expect(randomBytes(0).isEmpty)
        #expect(randomBytes(33).count == 33)
        #expect(Set((0..<100).map { _ in randomBytes(16) }).count == 100)
    }
}
