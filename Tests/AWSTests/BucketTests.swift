import HTTP
import Testing

@testable import AWS

@Suite struct BucketTests {
    private let instant = Instant(secondsSince1970: 1_369_353_600)
    private let key: Bucket.Key
    private let bucket: Bucket

    init() throws {
        let credentials = try Credentials(
            accessKeyID: "AKID", secretAccessKey: "secret", sessionToken: "token")
        bucket = try Bucket(
            "media", in: Region("eu-central-1"), endpoint: "http://127.0.0.1:8082", credentials: credentials)
        key = try Bucket.Key("u/a b+é.m4b")
    }

    private func answer(_ status: Int, _ body: String = "", _ headers: [String: String] = [:]) -> Response {
        Response(status: status, headers: headers, body: Array(body.utf8))
    }

    @Test func `a call is a request that can be read`() throws {
        let text = try bucket.put(key, Array("hello".utf8), contentType: "text/plain", at: instant).request
            .description
        #expect(
            text == """
                PUT http://127.0.0.1:8082/media/u/a%20b%2B%C3%A9.m4b
                content-type: text/plain
                x-amz-checksum-sha256: LPJNul+wow4m6DsqxbninhsWHlwfp0JecwQzYpOLmCQ=
                x-amz-date: 20130524T000000Z
                x-amz-security-token: token
                x-amz-content-sha256: 2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824
                authorization: •••

                hello
                """)
    }

    @Test(arguments: [
        ("media", "eu-central-1", nil, "https://media.s3.eu-central-1.amazonaws.com/k"),
        ("my.media", "eu-central-1", nil, "https://s3.eu-central-1.amazonaws.com/my.media/k"),
        ("media", "cn-north-1", nil, "https://media.s3.cn-north-1.amazonaws.com.cn/k"),
        ("media", "auto", "https://storage.example", "https://storage.example/media/k"),
        ("media", "auto", "http://127.0.0.1:8082/", "http://127.0.0.1:8082/media/k"),
    ])
    func `a bucket is in the path where an endpoint is set`(
        name: String, region: String, endpoint: String?, url: String
    ) throws {
        let credentials = try Credentials(accessKeyID: "A", secretAccessKey: "s")
        let bucket = try Bucket(name, in: Region(region), endpoint: endpoint, credentials: credentials)
        #expect(try bucket.head(Bucket.Key("k"), at: instant).request.url == url)
    }

    @Test func `names that are no names are refused`() throws {
        let credentials = try Credentials(accessKeyID: "A", secretAccessKey: "s")
        for name in ["", "ab", "Media", "a/b", "a..b", "a b", String(repeating: "a", count: 64)] {
            #expect(throws: SigningError.malformedBucket) {
                try Bucket(name, in: Region("eu-central-1"), credentials: credentials)
            }
        }
        for endpoint in ["", "127.0.0.1:8082", "http://h/path", "http://h?q", "http://h#f", "http://u@h"] {
            #expect(throws: SigningError.malformedEndpoint) {
                try Bucket("media", in: Region("eu-central-1"), endpoint: endpoint, credentials: credentials)
            }
        }
        for region in ["", "EU", "eu central", "a/b"] {
            #expect(throws: SigningError.malformedRegion) { try Region(region) }
        }
        for key in ["", ".", "..", "a/../b", "a/.", "./a", String(repeating: "é", count: 513)] {
            #expect(throws: SigningError.malformedKey) { try Bucket.Key(key) }
        }
        for key in ["a//b", "...", "a/..b/c", "/a", "a/", String(repeating: "é", count: 512)] {
            #expect(try Bucket.Key(key).description == key)
        }
        #expect(try Bucket.Key("\u{E9}") != Bucket.Key("e\u{301}"))
    }

    @Test func `part numbers are the service's`() throws {
        let upload = MultipartUpload(key: key, id: "id")
        for number in [0, -1, 10_001] {
            #expect(throws: SigningError.partNumber(number)) {
                try bucket.presignedPart(number, of: upload, byteCount: 1, expiresSeconds: 60, at: instant)
            }
        }
        for number in [1, 10_000] {
            let part = try bucket.presignedPart(
                number, of: upload, byteCount: 1, expiresSeconds: 60, at: instant)
            #expect(part.url.contains("?partNumber=\(number)&uploadId=id&"))
            #expect(part.headers == [Header("content-length", "1")])
        }
    }

    @Test func `HEAD tells size and checksum, and an absence from an outage`() throws {
        let call = try bucket.head(key, at: instant)
        let found = try call.answer(
            to: answer(
                200, "",
                [
                    "content-length": "12", "etag": "\"e\"", "content-type": "audio/mp4",
                    "x-amz-checksum-sha256": "LPJNul+wow4m6DsqxbninhsWHlwfp0JecwQzYpOLmCQ=",
                ]))
        #expect(found?.byteCount == 12 && found?.etag == "\"e\"" && found?.contentType == "audio/mp4")
        guard case .whole(let digest) = found?.sha256 else { throw AWSError.unreadable("sha256") }
        #expect(digest.count == 32)
        #expect(try call.answer(to: answer(404)) == nil)
        #expect(throws: AWSError.refused(status: 403, code: "Unknown", requestID: nil)) {
            try call.answer(to: answer(403))
        }
        #expect(throws: AWSError.unreadable("content-length")) {
            try call.answer(to: answer(200, "", ["content-length": "+12", "etag": "e"]))
        }
    }

    @Test func `a range is answered by that range and nothing else`() throws {
        let call = try bucket.get(key, range: 2..<5, matching: "\"e\"", at: instant)
        #expect(call.request.headers.contains(Header("range", "bytes=2-4")))
        #expect(call.request.headers.contains(Header("if-match", "\"e\"")))
        let part = try call.answer(
            to: answer(206, "cde", ["content-range": "bytes 2-4/10", "etag": "\"e\""]))
        #expect(part.bytes == Array("cde".utf8) && part.totalByteCount == 10)
        let short = try call.answer(to: answer(206, "cd", ["content-range": "bytes 2-3/4", "etag": "\"e\""]))
        #expect(short.totalByteCount == 4)
        for (body, range) in [
            ("cd", "bytes 2-4/10"), ("cde", "bytes 3-5/10"), ("cde", "bytes 2-4/*"), ("cde", ""),
            ("cde", "bytes 2-4/-9"),
            ("cde", "bytes 2-4/1"),
        ] {
            #expect(throws: AWSError.unreadable("content-range")) {
                try call.answer(to: answer(206, body, ["content-range": range, "etag": "e"]))
            }
        }
        #expect(throws: AWSError.refused(status: 200, code: "Unknown", requestID: nil)) {
            try call.answer(to: answer(200, "abcdefghij", ["etag": "e"]))
        }
    }

    @Test func `a refusal is told by the service's word, and what may pass is known`() throws {
        let body = "<?xml version=\"1.0\"?>\n<Error><Code>SlowDown</Code><Key>secret</Key></Error>"
        let call = try bucket.get(key, at: instant)
        #expect(throws: AWSError.refused(status: 503, code: "SlowDown", requestID: "R")) {
            try call.answer(to: answer(503, body, ["x-amz-request-id": "R"]))
        }
        #expect(AWSError.refused(status: 503, code: "SlowDown", requestID: nil).isTransient)
        #expect(!AWSError.refused(status: 404, code: "NoSuchKey", requestID: nil).isTransient)
        #expect(AWSError.unreachable(Failure(.timeout, "")).isTransient)
    }

    @Test func `sending hands on why there was no answer`() throws {
        let failure = Failure(.connect, "refused")
        let call = try bucket.delete(key, at: instant)
        #expect(throws: AWSError.unreachable(failure)) {
            try call.sent(by: { (_) throws(Failure) in throw failure })
        }
        try call.sent(by: { (_) throws(Failure) in Response(status: 204) })
    }

    @Test func `what must not overwrite is not sent twice`() throws {
        let once = try bucket.put(key, [], contentType: "text/plain", ifAbsent: true, at: instant)
        #expect(!once.request.repeatable)
        #expect(once.request.headers.contains(Header("if-none-match", "*")))
        #expect(try bucket.put(key, [], contentType: "text/plain", at: instant).request.repeatable)
    }

    @Test func `a list is read page by page, its keys decoded once`() throws {
        let call = try bucket.list(prefix: "u/", after: "next+1", limit: 2, at: instant)
        #expect(
            call.request.url
                == "http://127.0.0.1:8082/media/?list-type=2&encoding-type=url&max-keys=2&prefix=u%2F"
                + "&continuation-token=next%2B1")
        let page = try call.answer(
            to: answer(
                200,
                """
                <?xml version="1.0" encoding="UTF-8"?>
                <ListBucketResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/"><Name>media</Name>
                <EncodingType>url</EncodingType><IsTruncated>true</IsTruncated>
                <NextContinuationToken>a&amp;b</NextContinuationToken>
                <Contents><Key>u/a+b%2Bc%2525</Key><LastModified>2013-05-24T00:00:00.000Z</LastModified>
                <ETag>&quot;e&quot;</ETag><Size>7</Size></Contents></ListBucketResult>
                """))
        #expect(page.lines.map(\.key) == ["u/a b+c%25"])
        #expect(page.lines.map(\.etag) == ["\"e\""])
        #expect(page.continuation == "a&b")
    }

    @Test func `a copy that fails after the 200 fails`() throws {
        let call = try bucket.copy(key, to: Bucket.Key("b"), at: instant)
        #expect(call.request.headers.contains(Header("x-amz-copy-source", "/media/u/a%20b%2B%C3%A9.m4b")))
        let done = "<CopyObjectResult><LastModified>x</LastModified><ETag>\"e\"</ETag></CopyObjectResult>"
        #expect(try call.answer(to: answer(200, done)) == "\"e\"")
        #expect(throws: AWSError.refused(status: 200, code: "InternalError", requestID: "R")) {
            try call.answer(
                to: answer(200, "<Error><Code>InternalError</Code><RequestId>R</RequestId></Error>"))
        }
        #expect(throws: AWSError.unreadable("CopyObjectResult")) { try call.answer(to: answer(200)) }
    }
}
