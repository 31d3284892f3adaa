import Foundation
import Groundwork
import HTTPTypes
import Hummingbird

/// Buckets and what is set on them.
extension S3Server {
    func listBuckets() async -> Response {
        let buckets = await store.buckets.sorted { $0.key.utf8.lexicographicallyPrecedes($1.key.utf8) }
        let elements = buckets.map { name, bucket in
            XMLElement(
                "Bucket",
                [
                    XMLElement("Name", name),
                    XMLElement("CreationDate", Timestamp.extended(bucket.settings.created)),
                ])
        }
        return Response(
            .ok, XMLElement("ListAllMyBucketsResult", [Self.owner, XMLElement("Buckets", elements)]))
    }

    func headBucket(_ bucket: String) async throws -> Response {
        _ = try await store.bucket(bucket)
        var response = Response(status: .ok)
        response.headers.put("x-amz-bucket-region", region)
        return response
    }

    func createBucket(
        _ request: S3Request, _ bucket: String, _ authority: S3Authority
    ) async throws -> Response {
        guard Self.isBucketName(bucket) else {
            throw S3Error(
                .badRequest, "InvalidBucketName", "The specified bucket is not valid.",
                [("BucketName", bucket)])
        }
        let content = try await request.collected(authority)
        if !content.isEmpty {
            guard let document = XMLReader.read(content), document.name == "CreateBucketConfiguration" else {
                throw S3Error.malformedXML
            }
            guard (document["LocationConstraint"] ?? region) == region else {
                throw S3Error(
                    .badRequest, "IllegalLocationConstraintException",
                    "The \(document["LocationConstraint"] ?? "") location constraint is "
                        + "incompatible for the region "
                        + "specific endpoint this request was sent to.")
            }
        }
        guard try await store.create(bucket) else {
            throw S3Error(
                .conflict, "BucketAlreadyOwnedByYou",
                "Your previous request to create the named bucket succeeded and you already own it.",
                [("BucketName", bucket)])
        }
        var response = Response(status: .ok)
        response.headers.put("Location", "/" + bucket)
        return response
    }

    /// S3's rules for general purpose buckets. They also make the name safe as a folder's.
    static func isBucketName(_ name: String) -> Bool {
        let bytes = Array(name.utf8)
        let isEnd = { (byte: UInt8) in (0x61...0x7A).contains(byte) || (0x30...0x39).contains(byte) }
        guard (3...63).contains(bytes.count), let first = bytes.first, let last = bytes.last else {
            return false
        }
        let isAddress =
            name.split(separator: ".").count == 4 && bytes.allSatisfy { $0 == 0x2E || $0 < 0x3A && isEnd($0) }
        return isEnd(first) && isEnd(last) && !isAddress && !name.contains("..")
            && bytes.allSatisfy { isEnd($0) || $0 == 0x2D || $0 == 0x2E }
    }

    func deleteBucket(_ bucket: String) async throws -> Response {
        try await store.remove(bucket)
        return Response(status: .noContent)
    }

    func location(_ bucket: String) async throws -> Response {
        _ = try await store.bucket(bucket)
        return Response(.ok, XMLElement("LocationConstraint", region == "us-east-1" ? "" : region))
    }

    func versioning(_ bucket: String) async throws -> Response {
        _ = try await store.bucket(bucket)
        return Response(.ok, XMLElement("VersioningConfiguration"))
    }

    /// As the template has them; they are read only.
    func notificationRules(_ bucket: String) async throws -> Response {
        let rules = try await store.bucket(bucket).description.notifications
        let elements = rules.filter { $0.functionARN != nil }.enumerated().map { index, rule in
            let filters = [("prefix", rule.prefix), ("suffix", rule.suffix)].filter { !$0.1.isEmpty }
            let key = filters.map { name, value in
                XMLElement("FilterRule", [XMLElement("Name", name), XMLElement("Value", value)])
            }
            return XMLElement(
                "CloudFunctionConfiguration",
                [
                    XMLElement("Id", "rule-\(index + 1)"),
                    XMLElement("CloudFunction", rule.functionARN ?? ""),
                    XMLElement("Event", rule.event),
                ] + (key.isEmpty ? [] : [XMLElement("Filter", [XMLElement("S3Key", key)])]))
        }
        return Response(.ok, XMLElement("NotificationConfiguration", elements))
    }
}
