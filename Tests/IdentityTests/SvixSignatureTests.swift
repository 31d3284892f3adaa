import Cryptography
import Foundation
import Identity
import Testing

@Suite struct SvixSignatureTests {
    private static let time = 1_785_328_496
    private static let body = Array(#"{"type":"user.created"}"#.utf8)
    private static let secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
    /// Made by Svix's library for Python, not by us.
    private static let signature = "s+F/lENiQlfjFv3Rbiz2dSSBHhaz32g2ZHVV/xxFxG8="
    private static let good = [
        "svix-id": "msg_p5jXN8AQM9LWM0D4loKWxJek", "svix-timestamp": "\(time)",
        "svix-signature": "v1,\(signature)",
    ]

    private func verdict(
        _ changes: [String: String?] = [:], body: [UInt8] = body, secrets: [String] = [secret], age: Int = 0
    ) -> SvixSignatureError? {
        var headers = Self.good
        for (name, value) in changes { headers[name] = value }
        let now = Date(timeIntervalSince1970: Double(Self.time + age))
        do throws(SvixSignatureError) {
            _ = try SvixSignature(verifying: body, headers: headers, secrets: secrets, now: now)
            return nil
        } catch { return error }
    }

    @Test(arguments: [
        "v1,\(signature)", "v1,AAAA v1,\(signature)", "v1,\(signature) v2,nonsense", "v1a,x v1,\(signature)",
        " v1,\(signature) ", "v1, v1,\(signature)", "v1,é v1,\(signature)", "nonsense v1,\(signature)",
    ])
    func `what Svix signed is believed, whatever stands beside it`(signatures: String) {
        #expect(verdict(["svix-signature": signatures]) == nil)
    }

    /// An empty signature once passed for any (CVE-2024-21491).
    @Test(arguments: [
        "v1,", "v1, v1,", "v1", ",", "v1,=", "\(signature)", "v2,\(signature)", "V1,\(signature)",
        "v1,\(signature.dropLast())", "v1,\(signature)=", "v1,\(signature.lowercased())", "v1,AAAA", "v1,é",
        "v1,v1,\(signature)", "v0,\(signature)", "v1,\(String(repeating: "A", count: 43))=",
    ])
    func `anything else is not`(signatures: String) {
        #expect(verdict(["svix-signature": signatures]) == .noMatch)
    }

    @Test func `the id, the time and every byte are signed`() {
        #expect(verdict(["svix-id": "msg_other"]) == .noMatch)
        #expect(verdict(["svix-timestamp": "\(Self.time + 1)"]) == .noMatch)
        #expect(verdict(body: Self.body + [10]) == .noMatch)
        #expect(verdict(body: []) == .noMatch)
    }

    /// `a.1` at `2` and `a` at `1.2` are one signed text, so an id holds no point.
    @Test(arguments: ["", "a.1", "a,b", "a b", "é", "a\u{0}", String(repeating: "a", count: 256)])
    func `an id is plain`(id: String) {
        #expect(verdict(["svix-id": id]) == (id.isEmpty ? .noHeader("svix-id") : .malformedHeader("svix-id")))
    }

    @Test(arguments: [
        "0", "+1785328496", "01785328496", "-1785328496", "1785328496.0", "1e9", "٣", "9999999999999",
    ])
    func `a time is a plain number of seconds`(time: String) {
        #expect(verdict(["svix-timestamp": time]) == .malformedHeader("svix-timestamp"))
    }

    @Test(arguments: ["svix-id", "svix-timestamp", "svix-signature"])
    func `each header is needed`(name: String) {
        #expect(verdict([name: String?.none]) == .noHeader(name))
        #expect(verdict([name: ""]) == .noHeader(name))
    }

    @Test(
        arguments: [(0, nil), (300, nil), (301, .tooOld), (-300, nil), (-301, .tooFarAhead)]
            as [(Int, SvixSignatureError?)])
    func `five minutes either way are taken, and no second more`(age: Int, expected: SvixSignatureError?) {
        #expect(verdict(age: age) == expected)
    }

    @Test func `two secrets are tried while one replaces the other`() {
        let other = "whsec_" + Base64.encoded([UInt8](repeating: 7, count: 24))
        #expect(verdict(secrets: [other, Self.secret]) == nil)
        #expect(verdict(secrets: [Self.secret, other]) == nil)
        #expect(verdict(secrets: [other]) == .noMatch)
    }

    /// With an empty key anybody could sign.
    @Test(arguments: [
        [], [""], ["whsec_"], ["whsec_AAAA"], ["MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"], ["whsec_not base64"],
        [secret, ""], [" "],
    ])
    func `without a good secret nobody is believed`(secrets: [String]) {
        #expect(verdict(secrets: secrets) == .noSecret)
    }
}
