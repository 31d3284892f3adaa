import Foundation
import HTTP
import Testing

@Suite struct RequestTests {
    @Test func `a request prints as text, and keeps its credentials to itself`() {
        let request = Request(
            "POST", "https://api.example.org/v1/things",
            headers: [Header("Authorization", "Bearer sk_live_1"), Header("Content-Type", "text/plain")],
            body: Array("hello".utf8), repeatable: true)
        #expect(
            request.description == """
                POST https://api.example.org/v1/things
                Authorization: •••
                Content-Type: text/plain

                hello
                """)
    }
}

@Suite struct EncodingTests {
    @Test(arguments: [
        ("abcXYZ019-._~", "abcXYZ019-._~"), ("a b", "a%20b"), ("a+b", "a%2Bb"), ("a/b", "a%2Fb"),
        ("é", "%C3%A9"),
        ("e\u{301}", "e%CC%81"), ("%41", "%2541"), ("\r\n\0", "%0D%0A%00"), ("🎧", "%F0%9F%8E%A7"), ("", ""),
    ])
    func `all but the unreserved is escaped, byte by byte`(text: String, encoded: String) {
        #expect(Percent.encode(text) == encoded)
    }

    @Test func `what is to be kept is kept`() {
        #expect(Percent.encode("u/é x", keeping: "/") == "u/%C3%A9%20x")
    }

    @Test func `a form keeps the order of its fields, and the brackets of their names`() {
        var form = Form()
        form.add("metadata[order id]", "a&b=c")
        form.add("expand[]", "line_items")
        #expect(form.text == "metadata[order%20id]=a%26b%3Dc&expand[]=line_items")
        #expect(form.body == Array(form.text.utf8))
    }
}

@Suite struct RetryAfterTests {
    private let now = Date(timeIntervalSince1970: 784_111_777)  // Sun, 06 Nov 1994 08:49:37 GMT

    @Test(arguments: [
        ("120", 120_000), ("0", 0), ("Sun, 06 Nov 1994 08:49:37 GMT", 0),
        ("Sun, 06 Nov 1994 08:50:07 GMT", 30_000),
        ("Sun, 06 Nov 1994 08:00:00 GMT", 0), ("99999999999999999999", nil), ("9999999999", 31_536_000_000),
        ("-1", nil), ("+5", nil), ("1.5", nil), ("", nil), ("soon", nil),
        ("Sun, 06 Nov 1994 08:49:37 CET", nil),
        ("Sun, 06 Nov 1994 08:49 GMT", nil),
    ])
    func `Retry-After is read as seconds or as a date`(text: String, milliseconds: Int?) {
        let response = Response(status: 503, headers: ["retry-after": text])
        #expect(response.retryAfterMilliseconds(now: now) == milliseconds)
    }

    @Test func `without Retry-After there is none`() {
        #expect(Response(status: 503).retryAfterMilliseconds(now: now) == nil)
    }
}
