import HTTP
import Testing

@testable import AWS

@Suite struct MultipartTests {
    private let instant = Instant(secondsSince1970: 1_369_353_600)
    private let bucket: Bucket
    private let upload: MultipartUpload

    init() throws {
        bucket = try Bucket(
            "media", in: Region("eu-central-1"),
            credentials: Credentials(accessKeyID: "A", secretAccessKey: "s"))
        upload = MultipartUpload(key: try Bucket.Key("u/1"), id: "a+/=b")
    }

    private func answer(_ status: Int, _ body: String = "") -> Response {
        Response(status: status, body: Array(body.utf8))
    }

    @Test func `an upload begins with its id`() throws {
        let call = try bucket.createMultipartUpload(upload.key, contentType: "audio/mp4", at: instant)
        #expect(call.request.url == "https://media.s3.eu-central-1.amazonaws.com/u/1?uploads=")
        let body =
            "<InitiateMultipartUploadResult><UploadId>a+/=b</UploadId></InitiateMultipartUploadResult>"
        #expect(try call.answer(to: answer(200, body)) == upload)
    }

    @Test func `an upload with checksums holds each part to its own, and tells them again at the end`() throws
    {
        let begun = try bucket.createMultipartUpload(
            upload.key, contentType: "audio/mp4", checksums: true, at: instant)
        for header in [
            Header("x-amz-checksum-algorithm", "SHA256"), Header("x-amz-checksum-type", "COMPOSITE"),
        ] {
            #expect(begun.request.headers.contains(header))
        }
        let digest = [UInt8](repeating: 0, count: 32), text = String(repeating: "A", count: 43) + "="
        let signed = try bucket.presignedPart(
            1, of: upload, byteCount: 9, sha256: digest, expiresSeconds: 60, at: instant)
        #expect(signed.headers.contains(Header("x-amz-checksum-sha256", text)))
        #expect(signed.url.contains("X-Amz-SignedHeaders=content-length%3Bhost%3Bx-amz-checksum-sha256"))
        let listed = try bucket.parts(of: upload, at: instant).answer(
            to: answer(
                200,
                """
                <ListPartsResult><IsTruncated>false</IsTruncated><Part><PartNumber>1</PartNumber><ETag>"e"</ETag>
                <Size>9</Size><ChecksumSHA256>\(text)</ChecksumSHA256></Part></ListPartsResult>
                """))
        #expect(listed.parts.map(\.sha256) == [digest])
        let call = try bucket.complete(upload, listed.parts, at: instant)
        #expect(
            String(decoding: call.request.body, as: UTF8.self).contains(
                "<ETag>&quot;e&quot;</ETag><ChecksumSHA256>\(text)</ChecksumSHA256></Part>"))
    }

    @Test func `an object of parts is known by their checksums, and never by its own`() throws {
        let text = String(repeating: "A", count: 43) + "=", digest = [UInt8](repeating: 0, count: 32)
        let cases: [(String, ObjectSHA256?)] = [
            (text, .whole(digest)), (text + "-3", .ofParts(digest, count: 3)), (text + "-", nil),
            (text + "--3", nil), (text + "-3-4", nil), (text + "-x", nil), ("AAAA", nil), ("-3", nil),
            ("", nil),
        ]
        for (header, expected) in cases { #expect(ObjectSHA256(header: header) == expected, "\(header)") }
    }

    @Test func `parts come page by page`() throws {
        let call = try bucket.parts(of: upload, after: 3, at: instant)
        #expect(call.request.url.hasSuffix("/u/1?uploadId=a%2B%2F%3Db&part-number-marker=3"))
        let page = try call.answer(
            to: answer(
                200,
                """
                <ListPartsResult><IsTruncated>true</IsTruncated><NextPartNumberMarker>4</NextPartNumberMarker>
                <Part><PartNumber>4</PartNumber><ETag>"e"</ETag><Size>5242880</Size></Part></ListPartsResult>
                """))
        #expect(
            page == PartPage(parts: [StoredPart(number: 4, byteCount: 5_242_880, etag: "\"e\"")], marker: 4))
        let last = try call.answer(
            to: answer(200, "<ListPartsResult><IsTruncated>false</IsTruncated></ListPartsResult>"))
        #expect(last == PartPage(parts: [], marker: nil))
    }

    @Test func `completion names the parts in order, whatever order they came in`() throws {
        let parts = [
            StoredPart(number: 2, byteCount: 1, etag: "\"b\""),
            StoredPart(number: 1, byteCount: 1, etag: "\"a<\""),
        ]
        let call = try bucket.complete(upload, parts, at: instant)
        #expect(
            String(decoding: call.request.body, as: UTF8.self)
                == "<CompleteMultipartUpload xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\">"
                + "<Part><PartNumber>1</PartNumber><ETag>&quot;a&lt;&quot;</ETag></Part>"
                + "<Part><PartNumber>2</PartNumber><ETag>&quot;b&quot;</ETag></Part></CompleteMultipartUpload>"
        )
    }

    @Test func `a completion that fails after its 200 fails, blanks before it or not`() throws {
        let call = try bucket.complete(upload, [], at: instant)
        let done = """
            \n  \n<?xml version="1.0" encoding="UTF-8"?>\n<CompleteMultipartUploadResult \
            xmlns="http://s3.amazonaws.com/doc/2006-03-01/"><ETag>&quot;e-2&quot;</ETag>\
            </CompleteMultipartUploadResult>
            """
        #expect(try call.answer(to: answer(200, done)) == "\"e-2\"")
        for code in ["InternalError", "ServiceUnavailable"] {
            let failure = AWSError.refused(status: 200, code: code, requestID: nil)
            #expect(throws: failure) {
                try call.answer(to: answer(200, "   \n<Error><Code>\(code)</Code></Error>"))
            }
            #expect(failure.isTransient, "it may be asked again")
        }
        // The connection broke in the middle: nothing is known, so nothing is claimed.
        #expect(throws: AWSError.unreadable("CompleteMultipartUploadResult")) {
            try call.answer(to: answer(200, "   \n<CompleteMultipartUploadResult><ETag>"))
        }
        #expect(throws: AWSError.refused(status: 400, code: "InvalidPart", requestID: nil)) {
            try call.answer(to: answer(400, "<Error><Code>InvalidPart</Code></Error>"))
        }
    }

    @Test func `an upload can be aborted twice`() throws {
        let call = try bucket.abort(upload, at: instant)
        try call.answer(to: answer(204))
        try call.answer(to: answer(404, "<Error><Code>NoSuchUpload</Code></Error>"))
        #expect(throws: AWSError.self) { try call.answer(to: answer(500)) }
    }
}
