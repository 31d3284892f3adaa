import HTTP
import Testing

@testable import AWS

/// The signatures AWS itself publishes: the examples of the S3 API reference, of the IAM guide, and of the
/// test suite it once shipped for Signature Version 4.
@Suite struct SignerTests {
    private static let instant = Instant(secondsSince1970: 1_369_353_600)  // 2013-05-24T00:00:00Z

    private func signature(_ request: Request, _ signer: Signer, at instant: Instant) throws -> Substring? {
        let signed = try signer.signed(request, at: instant)
        return signed.headers.last { $0.name == "authorization" }?.value.split(separator: "Signature=").last
    }

    private func example(_ service: Signer.Service = .s3) throws -> Signer {
        let secret = "wJalrXUtnFEMI/K7MDENG\(service == .s3 ? "/" : "+")bPxRfiCYEXAMPLEKEY"
        let id = service == .s3 ? "AKIAIOSFODNN7EXAMPLE" : "AKIDEXAMPLE"
        return Signer(
            service, in: try Region("us-east-1"),
            by: try Credentials(accessKeyID: id, secretAccessKey: secret))
    }

    @Test(arguments: [
        (
            Request("GET", "/test.txt", headers: [Header("Range", "bytes=0-9")], repeatable: true),
            "f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41"
        ),
        (
            Request(
                "PUT", "/test%24file.text",
                headers: [
                    Header("Date", "Fri, 24 May 2013 00:00:00 GMT"),
                    Header("x-amz-storage-class", "REDUCED_REDUNDANCY"),
                ], body: Array("Welcome to Amazon S3.".utf8), repeatable: true),
            "98ad721746da40c64f1a55b78f14c238d841ea1380cd77a1b5971af0ece108bd"
        ),
        (
            Request("GET", "/?lifecycle", repeatable: true),
            "fea454ca298b7da1c68078a5d1bdbfbbe0d65c699e0f91ac7a200a0136783543"
        ),
        (
            Request("GET", "/?max-keys=2&prefix=J", repeatable: true),
            "34b48302e7b5fa45bde8084f4b7868a86f0a534bc59db6670ed5711ef69dc6f7"
        ),
    ])
    func `the examples of the S3 reference are signed as printed there`(request: Request, expected: String)
        throws
    {
        var request = request
        request.url = "https://examplebucket.s3.amazonaws.com" + request.url
        #expect(try signature(request, example(), at: Self.instant).map(String.init) == expected)
    }

    @Test func `the presigned URL of the S3 reference is made as printed there`() throws {
        let ours = try example().presigned(
            "GET", "https://examplebucket.s3.amazonaws.com/test.txt", expiresSeconds: 86_400, at: Self.instant
        )
        #expect(
            ours.url == "https://examplebucket.s3.amazonaws.com/test.txt?X-Amz-Algorithm=AWS4-HMAC-SHA256"
                + "&X-Amz-Credential=AKIAIOSFODNN7EXAMPLE%2F20130524%2Fus-east-1%2Fs3%2Faws4_request"
                + "&X-Amz-Date=20130524T000000Z&X-Amz-Expires=86400&X-Amz-SignedHeaders=host"
                + "&X-Amz-Signature=aeeed9bbccd4d02ee5c0109b86d86835f995330da4c265957d157751f604d404")
    }

    @Test(arguments: [
        (
            "https://example.amazonaws.com/",
            "5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31"
        ),
        ("https://example.amazonaws.com", "5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31"),
        (
            "https://example.amazonaws.com/example/..",
            "5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31"
        ),
        (
            "https://example.amazonaws.com//",
            "5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31"
        ),
        (
            "https://example.amazonaws.com/./",
            "5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31"
        ),
        (
            "https://example.amazonaws.com/?Param2=value2&Param1=value1",
            "b97d918cfa904a5beff61c982a1b6f458b799221646efd99d3219ec94cdf2500"
        ),
    ])
    func `AWS's test suite of other services passes`(url: String, expected: String) throws {
        let request = Request("GET", url, repeatable: true)
        let instant = Instant(secondsSince1970: 1_440_938_160)  // 2015-08-30T12:36:00Z
        #expect(try signature(request, example(.other("service")), at: instant).map(String.init) == expected)
    }

    @Test func `the signing key of the IAM guide comes out`() throws {
        let signer = Signer(
            .other("iam"), in: try Region("us-east-1"),
            by: try Credentials(accessKeyID: "A", secretAccessKey: "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY")
        )
        let key = signer.signingKey(at: Instant(secondsSince1970: 1_440_938_160))
        #expect(
            key.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
                == "c4afb1cc5771d871763a393e44b703571b55cc28424d1a5e86da6ed3c154a4b9")
    }

    @Test(arguments: [0, -1, 604_801, Int.max])
    func `an expiry outside of what the service accepts is refused`(seconds: Int) throws {
        let signer = try example()
        #expect(throws: SigningError.expiry(seconds: seconds)) {
            try signer.presigned("GET", "https://a.example/", expiresSeconds: seconds, at: Self.instant)
        }
    }

    @Test func `the limits of expiry themselves are signed`() throws {
        let signer = try example()
        for seconds in [1, 604_800] {
            let url = try signer.presigned(
                "GET", "https://a.example/", expiresSeconds: seconds, at: Self.instant
            ).url
            #expect(url.contains("X-Amz-Expires=\(seconds)&"))
        }
    }

    @Test(arguments: ["a\r\nx-evil: 1", "a\nb", "a\u{0}", "é", "\u{7F}"])
    func `a header that would end early or mean two things is refused`(value: String) throws {
        let signer = try example()
        let request = Request(
            "GET", "https://a.example/", headers: [Header("X-Meta", value)], repeatable: true)
        #expect(throws: SigningError.malformedHeader("x-meta")) {
            try signer.signed(request, at: Self.instant)
        }
    }

    @Test(arguments: [
        "", "a.example", "ftp://a.example", "https://", "https:///x", "https://u:p@a.example/",
        "https://a.example/#f",
        "https://a.example/é", "https://a.example/ b", "https:/a.example", "https://a.example/\r\n",
    ])
    func `what is no plain URL is refused`(url: String) throws {
        let signer = try example()
        #expect(throws: SigningError.malformedEndpoint) {
            try signer.signed(Request("GET", url, repeatable: true), at: Self.instant)
        }
    }

    @Test func `credentials do not print`() throws {
        let credentials = try Credentials(accessKeyID: "AKID", secretAccessKey: "hush", sessionToken: "mum")
        var dumped = ""
        dump(credentials, to: &dumped)
        for text in ["\(credentials)", String(reflecting: credentials), dumped] {
            #expect(text.contains("AKID") && !text.contains("hush") && !text.contains("mum"))
        }
        #expect(throws: SigningError.emptyCredentials) {
            try Credentials(accessKeyID: "A", secretAccessKey: "")
        }
        #expect(throws: SigningError.emptyCredentials) {
            try Credentials(accessKeyID: "", secretAccessKey: "a")
        }
    }

    /// Both ends of leap days, centuries and the year 2024, whose ISO week year differs from its calendar
    /// year.
    @Test(arguments: [
        (0, "19700101T000000Z"), (-1, "19691231T235959Z"), (951_782_399, "20000228T235959Z"),
        (951_782_400, "20000229T000000Z"), (951_868_800, "20000301T000000Z"),
        (1_735_516_800, "20241230T000000Z"),
        (1_735_689_599, "20241231T235959Z"), (1_735_689_600, "20250101T000000Z"),
        (4_107_542_399, "21000228T235959Z"),
        (4_107_542_400, "21000301T000000Z"), (253_402_300_799, "99991231T235959Z"),
        (-62_135_596_800, "00010101T000000Z"), (-2_203_891_200, "19000301T000000Z"),
        (-2_203_891_201, "19000228T235959Z"),
    ])
    func `moments are written by the calendar`(seconds: Int, text: String) {
        let instant = Instant(secondsSince1970: seconds)
        #expect(instant.dateTime == text)
        #expect(instant.date == text.prefix(8))
    }
}
