import Cryptography
import Foundation
import Stripe
import Testing

@Suite struct WebhookSignatureTests {
    private static let time = 1_785_328_496
    private static let body = Array(#"{"id":"evt_1"}"#.utf8)
    /// Made by Python's `hmac`, not by us.
    private static let signature = "defbe59a3c5954e2cff540ebd36e2f8845c04c5ae002f440a83f589d8252de7f"

    private func verdict(
        _ header: String?, body: [UInt8] = body, secrets: [String] = ["whsec_test"], age: Int = 0
    ) -> WebhookSignatureError? {
        let now = Date(timeIntervalSince1970: Double(Self.time + age))
        do throws(WebhookSignatureError) {
            try WebhookSignature.verify(header: header, body: body, secrets: secrets, now: now)
            return nil
        } catch { return error }
    }

    private static let good = "t=\(time),v1=\(signature)"

    @Test(arguments: [
        good, "t=\(time), v1=\(signature)", "v1=\(signature),t=\(time)", "t=\(time),v1=00,v1=\(signature)",
        "t=\(time),v1=\(signature),v0=nonsense", good + ",", "t=\(time),v1=é,v1=\(signature)",
    ])
    func `what Stripe signed is believed`(header: String) { #expect(verdict(header) == nil) }

    @Test(arguments: [
        "t=\(time),v1=\(signature.uppercased())", "t=\(time),v1=\(signature.dropLast())",
        "t=\(time),v1=\(signature)0", "t=\(time),v1=", "t=\(time),v1=é",
        "t=\(time),v1=\(signature.dropLast())0",
        "t=\(time + 1),v1=\(signature)",
        "t=\(time),v1=f346b8825964d4481efef0119ab3632171cebc55a9c214c8cbf5973374db3dbb",
    ])
    func `anything else is not`(header: String) { #expect(verdict(header) == .noMatch) }

    @Test(arguments: [
        "t=\(time)", "v1=\(signature)", "t=\(time),v0=\(signature)", "t=\(time),t=\(time),v1=\(signature)",
        "t=\(time + 1),t=\(time),v1=\(signature)", "t=,v1=\(signature)", "t=+\(time),v1=\(signature)",
        "t=0\(time),v1=\(signature)", "t=99999999999999999999,v1=\(signature)", "t=-1,v1=\(signature)",
        "t=1.5,v1=\(signature)", "nonsense", ",", "T=\(time),V1=\(signature)", "t=٣,v1=\(signature)",
    ])
    func `a header that is none is told as that`(header: String) {
        #expect(verdict(header) == .malformedHeader)
    }

    @Test func `without a header there is nothing to believe`() {
        #expect(verdict(nil) == .noHeader)
        #expect(verdict("") == .noHeader)
    }

    @Test(
        arguments: [(0, nil), (300, nil), (301, .tooOld), (-300, nil), (-301, .tooFarAhead)]
            as [(Int, WebhookSignatureError?)])
    func `five minutes either way are taken, and no second more`(age: Int, expected: WebhookSignatureError?) {
        #expect(verdict(Self.good, age: age) == expected)
    }

    @Test(arguments: [[], [""], [" "], ["whsec_test", ""]])
    func `an empty secret stops the endpoint, even for who signs with it`(secrets: [String]) {
        #expect(verdict(Self.good, secrets: secrets) == .noSecret)
        #expect(
            verdict(
                "t=\(Self.time),v1=d7b16962fe648a6ee6f773e7be0fef99ca79f8d45aac04b533062e4aceff7111",
                secrets: secrets) == .noSecret)
    }

    @Test func `while a secret is replaced either is taken`() {
        #expect(verdict(Self.good, secrets: ["whsec_new", "whsec_test"]) == nil)
        #expect(verdict(Self.good, secrets: ["whsec_new", "whsec_newer"]) == .noMatch)
    }

    @Test func `the body is signed byte for byte`() {
        #expect(verdict(Self.good, body: Self.body + [10]) == .noMatch)
        #expect(
            verdict(
                "t=\(Self.time),v1=5edb54886d54c01947de6083fff1d4f7ff95e0cf232eb88b874c5f43ad7224ca",
                body: Self.body + [10]) == nil)
        #expect(
            verdict(
                "t=\(Self.time),v1=4a25541d2dc314c15e5619e4179162cba887532047d53b1a04bba7e111dd7687",
                body: [0xFF, 0xFE]) == nil)
        #expect(verdict(Self.good, body: []) == .noMatch)
    }
}
