import Foundation
import Groundwork
import HTTPTypes
import Hummingbird

/// What pages of other origins may do with a bucket.
extension S3Server {
    func getCORS(_ bucket: String) async throws -> Response {
        let rules = try await store.corsRules(of: bucket)
        guard !rules.isEmpty else {
            throw S3Error(
                .notFound, "NoSuchCORSConfiguration", "The CORS configuration does not exist",
                [("BucketName", bucket)])
        }
        return Response(.ok, XMLElement("CORSConfiguration", rules.map(\.element)))
    }

    func putCORS(_ request: S3Request, _ bucket: String, _ authority: S3Authority) async throws -> Response {
        let document = try await request.document(authority, root: "CORSConfiguration")
        let rules = try document.all("CORSRule").map(CORSRule.init)
        guard (1...100).contains(rules.count) else { throw S3Error.malformedXML }
        try await store.setCORS(rules, of: bucket)
        return Response(status: .ok)
    }

    func deleteCORS(_ bucket: String) async throws -> Response {
        try await store.setCORS([], of: bucket)
        return Response(status: .noContent)
    }

    func preflight(_ request: S3Request) async throws -> Response {
        guard let origin = request.header("origin"),
            let method = request.header("access-control-request-method")
        else {
            throw S3Error(
                .badRequest, "BadRequest", "Insufficient information. Origin request header needed.")
        }
        let asked = (request.header("access-control-request-headers") ?? "").split(separator: ",")
            .map { $0.filter { $0 != " " }.lowercased() }
        let rules = try await store.corsRules(of: request.bucket ?? "")
        guard let rule = rules.first(where: { $0.allows(origin, method, headers: asked) }) else {
            throw S3Error(
                .forbidden, "AccessForbidden",
                "CORSResponse: This CORS request is not allowed. This is usually because the "
                    + "evaluation of Origin, "
                    + "request method / Access-Control-Request-Method or "
                    + "Access-Control-Request-Headers are not "
                    + "whitelisted by the resource's CORS spec.",
                [("Method", method), ("ResourceType", "BUCKET")])
        }
        var response = Response(status: .ok)
        response.headers.put(rule, origin)
        response.headers.put("Access-Control-Allow-Methods", rule.allowedMethods.joined(separator: ", "))
        if !asked.isEmpty {
            response.headers.put("Access-Control-Allow-Headers", asked.joined(separator: ", "))
        }
        if let age = rule.maximumAgeSeconds { response.headers.put("Access-Control-Max-Age", String(age)) }
        return response
    }

    /// Errors too: without the header a page could not read why it was refused.
    func allowOrigin(of request: S3Request, in response: inout Response) async {
        guard request.arrival.method != "OPTIONS", let origin = request.header("origin"),
            let bucket = request.bucket, let rules = try? await store.corsRules(of: bucket),
            let rule = rules.first(where: { $0.allows(origin, request.arrival.method, headers: []) })
        else { return }
        response.headers.put(rule, origin)
        if !rule.exposedHeaders.isEmpty {
            response.headers.put("Access-Control-Expose-Headers", rule.exposedHeaders.joined(separator: ", "))
        }
    }
}

extension HTTPFields {
    fileprivate mutating func put(_ rule: CORSRule, _ origin: String) {
        let isOpen = rule.allowedOrigins.contains("*")
        put("Access-Control-Allow-Origin", isOpen ? "*" : origin)
        if !isOpen { put("Access-Control-Allow-Credentials", "true") }
        put("Vary", "Origin, Access-Control-Request-Headers, Access-Control-Request-Method")
    }
}

extension CORSRule {
    private static let methods: Set<String> = ["GET", "PUT", "HEAD", "POST", "DELETE"]

    init(_ element: XMLElement) throws {
        self.init(
            allowedOrigins: element.all("AllowedOrigin").map(\.text),
            allowedMethods: element.all("AllowedMethod").map(\.text),
            allowedHeaders: element.all("AllowedHeader").map(\.text),
            exposedHeaders: element.all("ExposeHeader").map(\.text),
            maximumAgeSeconds: element["MaxAgeSeconds"].flatMap { Int($0) })
        if let method = allowedMethods.first(where: { !Self.methods.contains($0) }) {
            throw S3Error.invalidRequest(
                "Found unsupported HTTP method in CORS config. Unsupported method is \(method)")
        }
        let patterns = allowedOrigins + allowedHeaders
        guard !allowedOrigins.isEmpty, !allowedMethods.isEmpty,
            patterns.allSatisfy({ $0.filter { $0 == "*" }.count <= 1 })
        else { throw S3Error.malformedXML }
    }

    var element: XMLElement {
        var children = allowedOrigins.map { XMLElement("AllowedOrigin", $0) }
        children += allowedMethods.map { XMLElement("AllowedMethod", $0) }
        children += allowedHeaders.map { XMLElement("AllowedHeader", $0) }
        children += exposedHeaders.map { XMLElement("ExposeHeader", $0) }
        if let age = maximumAgeSeconds { children.append(XMLElement("MaxAgeSeconds", String(age))) }
        return XMLElement("CORSRule", children)
    }

    func allows(_ origin: String, _ method: String, headers: [String]) -> Bool {
        allowedOrigins.contains { Self.matches(origin, $0) } && allowedMethods.contains(method)
            && headers.allSatisfy { header in
                allowedHeaders.contains { Self.matches(header, $0.lowercased()) }
            }
    }

    /// One star stands for any text.
    private static func matches(_ text: String, _ pattern: String) -> Bool {
        let parts = pattern.split(separator: "*", maxSplits: 1, omittingEmptySubsequences: false)
        guard parts.count == 2 else { return text == pattern }
        return text.utf8.count >= pattern.utf8.count - 1 && text.hasPrefix(parts[0])
            && text.hasSuffix(parts[1])
    }
}
