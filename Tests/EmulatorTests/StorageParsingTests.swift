import Foundation
import NIOCore
import Testing

@testable import Groundwork
@testable import Storage

@Suite struct StorageParsingTests {
    @Test(arguments: [
        ("bytes=0-0", 10, 0..<1), ("bytes=9-", 10, 9..<10), ("bytes=-3", 10, 7..<10),
        ("bytes=-30", 10, 0..<10),
        ("bytes=3-99", 10, 3..<10), ("bytes=10-", 10, nil), ("bytes=-0", 10, nil), ("bytes=0-", 0, nil),
        ("bytes=0-9223372036854775807", 10, 0..<10), ("bytes=-9223372036854775807", 10, 0..<10),
    ])
    func `a range names the bytes that are there`(text: String, count: Int, range: Range<Int>?) throws {
        #expect(try #require(ByteRange(text)).within(count) == range)
    }

    @Test(arguments: [
        "bytes=", "bytes=-", "bytes=2-1", "bytes=a-", "bytes=+1-2", "bytes=0-1,2-3", "b=0-1",
        "bytes=99999999999999999999-",
    ])
    func `what is no single range is none`(text: String) {
        #expect(ByteRange(text) == nil)
    }

    @Test func `a document read is the document written`() throws {
        let document = XMLElement(
            "Delete",
            [
                XMLElement("Key", "a<&>\"'\r\n\u{1}é\u{1F3A7}"), XMLElement("Quiet", "true"),
                XMLElement("Empty"),
            ])
        #expect(XMLReader.read(Array(document.document().utf8)) == document)
        let spaced =
            "<?xml version='1.0'?>\n<!-- c -->\n<a:Delete x='>'>\n <Key>&#xe9;&#233;</Key>\n <E/>\n</a:Delete >\n"
        #expect(
            XMLReader.read(Array(spaced.utf8))
                == XMLElement("Delete", [XMLElement("Key", "éé"), XMLElement("E")]))
    }

    @Test(arguments: ["<!--x--><a/><!--?>-->", "<?go --?><a/><?x?>", "\u{FEFF}<a/>"])
    func `what stands around a document is read over`(text: String) {
        #expect(XMLReader.read(Array(text.utf8)) == XMLElement("a"))
    }

    @Test(arguments: [
        "", "text", "<a>", "<a></b>", "<a></a><b/>", "<a>&nbsp;</a>", "<!DOCTYPE a><a/>", "<a>&#x110000;</a>",
        "<a>&#+65;</a>", String(repeating: "<a>", count: 100_000), "<a", "<a b='", "</a>", "<a>&", "<?",
        "<!--",
    ])
    func `what is no document is refused`(text: String) {
        #expect(XMLReader.read(Array(text.utf8)) == nil)
    }

    @Test(arguments: [1, 2, 3, 7, 64, 100_000])
    func `chunks are decoded however they are cut`(size: Int) async throws {
        let bytes = Array(
            "5;chunk-signature=ab\r\nhello\r\n7\r\n, world\r\n0\r\nx-amz-checksum-crc32:AAAAAA==\r\n\r\n".utf8
        )
        var decoder = ChunkedDecoder(nil, trailer: .crc32)
        var decoded: [UInt8] = []
        for start in stride(from: 0, to: bytes.count, by: size) {
            let piece = ByteBuffer(bytes: bytes[start..<min(start + size, bytes.count)])
            try await decoder.decode(piece) { decoded += Array($0.readableBytesView) }
        }
        #expect(String(decoding: decoded, as: UTF8.self) == "hello, world")
        #expect(decoder.isDone && decoder.trailerValue == "AAAAAA==")
    }

    @Test(arguments: [
        "5\nhello\r\n", "5\r\nhelloX\r\n", "-1\r\n", "\r\n", "g\r\n", "fffffffffffff\r\n", "0\r\n\r\nmore",
        "0\r\nx-amz-checksum-sha1:AAAA\r\n\r\n", "0\r\n:\r\n\r\n", String(repeating: "a", count: 20_000),
    ])
    func `what is not chunked is refused`(text: String) async {
        await #expect(throws: S3Error.self) {
            var decoder = ChunkedDecoder(nil, trailer: nil)
            try await decoder.decode(ByteBuffer(string: text)) { _ in }
        }
    }

    @Test(arguments: [
        "=", "Credential=a/20260101/r/s3/aws4_request, =x", "Signature", ",", "Signature=a,Signature=b",
    ])
    func `what names no signature is refused`(text: String) throws {
        let headers = [(name: "Authorization", value: "AWS4-HMAC-SHA256 " + text)]
        let arrival = try #require(Arrival(method: "GET", target: "/b/k", headers: headers))
        #expect(throws: SignatureRefusal.self) { try SignatureClaim(arrival) }
    }

    @Test func `instants are written and read in each protocol's way`() {
        let date = Date(timeIntervalSince1970: 1_735_516_800.25)
        #expect(Timestamp.basic(date) == "20241230T000000Z")
        #expect(Timestamp.extended(date) == "2024-12-30T00:00:00.250Z")
        #expect(Timestamp.http(date) == "Mon, 30 Dec 2024 00:00:00 GMT")
        #expect(Timestamp.http("Mon, 30 Dec 2024 00:00:00 GMT")?.timeIntervalSince1970 == 1_735_516_800)
        for wrong in ["20240230T000000Z", "20241230T240000Z", "20241230T0000+0Z", "20241230T000000", ""] {
            #expect(Timestamp.basic(wrong) == nil, "\(wrong)")
        }
        for wrong in ["Tue, 30 Dec 2024 00:00:00 GMT", "Monday, 30-Dec-24 00:00:00 GMT", ""] {
            #expect(Timestamp.http(wrong) == nil, "\(wrong)")
        }
    }

    @Test(arguments: ["media.localhost", "media.s3.localhost", "media.s3.eu-central-1.localhost"])
    func `a host may hold the bucket`(host: String) {
        #expect(S3Request.bucket(inHost: host) == "media")
    }

    @Test(arguments: [
        "localhost", "127.0.0.1", "[::1]", "s3.localhost", "s3.eu-central-1.localhost", "example.org",
    ])
    func `a bare host holds none`(host: String) {
        #expect(S3Request.bucket(inHost: host) == nil)
    }

    @Test func `a bucket's name is safe as a folder's`() {
        for name in ["media", "a.b-c", "123"] { #expect(S3Server.isBucketName(name), "\(name)") }
        for name in [
            "..", "a/b", "ab", "A-B", "-ab", "ab-", "a..b", "127.0.0.1", String(repeating: "a", count: 64),
            "aé",
        ] {
            #expect(!S3Server.isBucketName(name), "\(name)")
        }
    }
}
