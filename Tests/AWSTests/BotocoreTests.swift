import AWS
import Foundation
import HTTP
import Testing

/// Against botocore, AWS's own implementation, over inputs it draws by a seed. `EARSHELF_SEED` repeats a run,
/// and
/// `EARSHELF_PYTHON` names a Python that has botocore.
@Suite struct BotocoreTests {
    @Test func `presigned URLs and header signatures are botocore's, byte for byte`() throws {
        let environment = ProcessInfo.processInfo.environment
        let seed = environment["EARSHELF_SEED"] ?? String(UInt32.random(in: 0...UInt32.max))
        let cases = try Self.cases(seed: seed, python: environment["EARSHELF_PYTHON"] ?? "python3")
        #expect(cases.filter { $0.kind == "header" }.count == 200)
        #expect(cases.count == 400)
        for signed in cases {
            do {
                try signed.check("EARSHELF_SEED=\(seed)")
            } catch {
                Issue.record("EARSHELF_SEED=\(seed): \(error) for \(signed)")
            }
        }
    }

    private static func cases(seed: String, python: String) throws -> [Case] {
        let process = Process()
        let script = URL(filePath: #filePath).deletingLastPathComponent().appending(
            path: "botocore_signatures.py")
        process.executableURL = URL(filePath: "/usr/bin/env")
        process.arguments = [python, script.path, seed, "200", "200"]
        let output = Pipe()
        process.standardOutput = output
        try process.run()
        let json = try output.fileHandleForReading.readToEnd() ?? Data()
        process.waitUntilExit()
        try #require(
            process.terminationStatus == 0, "\(python) needs botocore; set EARSHELF_PYTHON to one that has it"
        )
        return try JSONDecoder().decode([Case].self, from: json)
    }
}

/// What botocore was given, and what it made of it.
private struct Case: Decodable {
    struct Keys: Decodable {
        let accessKeyID: String
        let secretAccessKey: String
        let sessionToken: String?
    }

    let kind: String
    let region: String
    let credentials: Keys
    let instant: Int
    let url: String
    let bucket: String?
    let key: String?
    let endpoint: String?
    let expires: Int?
    let disposition: String?
    let type: String?
    let byteCount: Int?
    let sha256: String?
    let ifAbsent: Bool?
    let number: Int?
    let upload: String?
    let service: String?
    let method: String?
    let headers: [[String]]?
    let body: String?
    let authorization: String?
    let date: String?
    let payload: String?
    let token: String?

    enum CodingKeys: String, CodingKey {
        case kind, region, credentials, instant, url, bucket, key, endpoint, expires, disposition, type,
            byteCount
        case sha256, ifAbsent, number, upload, service, method, headers, body, authorization
        case date = "x-amz-date"
        case payload = "x-amz-content-sha256"
        case token = "x-amz-security-token"
    }

    func check(_ seed: Comment) throws {
        if kind == "header" { return try checkHeaders(seed) }
        let bucket = try Bucket(
            try #require(bucket), in: Region(region), endpoint: endpoint, credentials: signer)
        let ours = try presigned(in: bucket)
        #expect(ours.url == url, seed)
        #expect(ours.url.utf8.elementsEqual(url.utf8), seed)
    }

    private var signer: Credentials {
        get throws {
            try Credentials(
                accessKeyID: credentials.accessKeyID, secretAccessKey: credentials.secretAccessKey,
                sessionToken: credentials.sessionToken)
        }
    }

    private func presigned(in bucket: Bucket) throws -> PresignedRequest {
        let key = try Bucket.Key(try #require(key))
        let expires = try #require(expires)
        let instant = Instant(secondsSince1970: instant)
        switch kind {
        case "get":
            return try bucket.presignedGet(
                key, contentDisposition: disposition, contentType: type, expiresSeconds: expires, at: instant)
        case "put":
            return try bucket.presignedPut(
                key, byteCount: try #require(byteCount), contentType: try #require(type),
                sha256: sha256.flatMap { Data(base64Encoded: $0) }.map { Array($0) },
                ifAbsent: try #require(ifAbsent as Bool?), expiresSeconds: expires, at: instant)
        default:
            return try bucket.presignedPart(
                try #require(number), of: MultipartUpload(key: key, id: try #require(upload)),
                byteCount: try #require(byteCount), expiresSeconds: expires, at: instant)
        }
    }

    private func checkHeaders(_ seed: Comment) throws {
        let service = try #require(service)
        let signer = Signer(service == "s3" ? .s3 : .other(service), in: try Region(region), by: try signer)
        let data = try #require(body)
        let body = Array(try #require(Data(base64Encoded: data)))
        let request = Request(
            try #require(method), url, headers: try #require(headers).map { Header($0[0], $0[1]) },
            body: body,
            repeatable: true)
        let signed = try signer.signed(request, at: Instant(secondsSince1970: instant))
        func value(_ name: String) -> String? { signed.headers.last { $0.name == name }?.value }
        #expect(value("authorization") == authorization, seed)
        #expect(value("x-amz-date") == date, seed)
        #expect(value("x-amz-content-sha256") == payload, seed)
        #expect(value("x-amz-security-token") == token, seed)
        #expect(signed.url == url && signed.body == body, seed)
    }
}
