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
