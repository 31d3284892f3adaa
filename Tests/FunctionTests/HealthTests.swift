import Core
import Foundation
import TestSupport
import Testing

@testable import health

@Suite struct HealthTests {
    private let description: APIDescription

    init() throws {
        description = try APIDescription(
            Array(
                #"""
                {"openapi":"3.1.0","paths":{
                    "/api/v1/books":{"get":{},"post":{}},
                    "/api/v1/books/{id}":{"parameters":[],"get":{},"delete":{}},
                    "/api/v1/books/popular":{"get":{}}}}
                """#.utf8))
    }

    private func sent(_ route: String, headers: [String: String] = [:], in shop: Shop) -> Response {
        Lambda.answer(.typed(route, headers: headers, key: nil)) {
            try health($0, in: shop, describedBy: description)
        }
    }

    @Test func `it is healthy as long as its database answers, and knows no other route`() throws {
        try withDatabase { database in
            let shop = database.shop(of: "health")
            let well = sent("GET /api/v1/health", in: shop)
            #expect(well["status"] == "ok" && well.headers["cache-control"] == "no-store")
            #expect(sent("DELETE /api/v1/health", in: shop).outcome == "404 not-found")
            let lost = Shop(
                database: Connection("postgresql://earshelf@127.0.0.1:1/earshelf"), identity: shop.identity)
            let answer = sent("GET /api/v1/health", in: lost)
            #expect(answer.outcome == "503 database-unavailable" && answer.headers["retry-after"] != nil)
            #expect(sent("GET /openapi.json", in: lost).statusCode == 200, "it asks no database")
        }
    }

    @Test(arguments: ["GET /openapi.json", "GET /api/v1/openapi.json"])
    func `the description is sent once to each who keeps it`(route: String) throws {
        try withDatabase { database in
            let shop = database.shop(of: "health")
            let whole = sent(route, in: shop)
            #expect(whole.statusCode == 200 && whole.body == description.document)
            #expect(whole.headers["content-type"] == "application/json")
            #expect(whole.headers["cache-control"] == "public, max-age=300")
            let tag = try #require(whole.headers["etag"])
            for known in [tag, "W/\(tag)", "\"other\", \(tag)", "*"] {
                let kept = sent(route, headers: ["if-none-match": known], in: shop)
                #expect(
                    kept.statusCode == 304 && kept.body.isEmpty && kept.headers["etag"] == tag, "\(known)")
            }
            #expect(sent(route, headers: ["if-none-match": "\"other\""], in: shop).statusCode == 200)
        }
    }

    @Test(arguments: [
        ("PUT /api/v1/books", "405 method-not-allowed", "GET, POST"),
        ("POST /api/v1/books/1", "405 method-not-allowed", "DELETE, GET"),
        ("POST /api/v1/books/popular", "405 method-not-allowed", "GET"),
        ("GET /api/v1/books/", "404 not-found", nil), ("GET /api/v1/books/1/2", "404 not-found", nil),
        ("GET /", "404 not-found", nil), ("GET ", "404 not-found", nil),
    ])
    func `what no route takes is told apart by the description`(
        sent: String, outcome: String, allow: String?
    ) throws {
        try withDatabase { database in
            var request = Request("$default", query: ["any": "1"])
            let words = sent.split(separator: " ", omittingEmptySubsequences: false).map(String.init)
            (request.method, request.path) = (words[0], words[1])
            let shop = database.shop(of: "health")
            let answer = Lambda.answer(request) { try health($0, in: shop, describedBy: description) }
            #expect(answer.outcome == outcome && answer.headers["allow"] == allow)
        }
    }

    @Test func `parameters that nobody knows are refused`() throws {
        try withDatabase { database in
            let shop = database.shop(of: "health")
            for route in ["GET /openapi.json", "GET /api/v1/health"] {
                let request = Request(route, query: ["verbose": "1"])
                let answer = Lambda.answer(request) { try health($0, in: shop, describedBy: description) }
                #expect(answer.outcome == "400 invalid-query")
            }
        }
    }

    @Test func `a bundle without the description does not start`() throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: UUID().uuidString)
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        #expect(throws: APIDescription.Missing.self) { try APIDescription(in: folder.path) }
        #expect(throws: DecodingError.self) { try APIDescription(Array("[]".utf8)) }
        try Data(description.document).write(to: folder.appending(path: "openapi.json"))
        #expect(try APIDescription(in: folder.path).document == description.document)
    }
}
