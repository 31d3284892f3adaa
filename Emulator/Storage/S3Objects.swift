import Foundation
import Groundwork
import HTTPTypes
import Hummingbird
import NIOCore

/// PUT, GET, HEAD and DELETE of one object.
extension S3Server {
    func put(
        _ request: S3Request, _ bucket: String, _ key: ObjectKey, _ authority: S3Authority
    ) async throws -> Response {
        let plan = try PayloadPlan(request.arrival, authority)
        let attributes = try ObjectAttributes(request.arrival)
        let condition = try WriteCondition(request.arrival)
        _ = try await store.bucket(bucket)
        let (blob, checksum) = try await request.receive(plan, into: store.blobs)
        let draft = ObjectDraft(
            segments: [blob.segment], etag: blob.etag, attributes: attributes, checksum: checksum,
            condition: condition)
        let record = try await store.put(draft, bucket, key, event: "ObjectCreated:Put")
        var response = Response(status: .ok)
        response.headers.put("ETag", "\"\(record.etag)\"")
        response.headers.put(checksum)
        response.headers.put("x-amz-server-side-encryption", "AES256")
        return response
    }

    func get(_ request: S3Request, _ bucket: String, _ key: ObjectKey) async throws -> Response {
        let (record, reader) = try await store.open(bucket, key)
        var headers = HTTPFields()
        headers.put(record, overriddenBy: request.arrival)
        switch ReadCondition(request.arrival).outcome(record) {
        case .fails(let name): throw S3Error.preconditionFailed(name)
        case .notModified: return Response(status: .notModified, headers: headers)
        case .holds: break
        }
        let (range, isPartial) = try range(of: request, record)
        if isPartial {
            headers.put("Content-Range", "bytes \(range.lowerBound)-\(range.upperBound - 1)/\(record.bytes)")
        }
        if !isPartial, request.header("x-amz-checksum-mode")?.uppercased() == "ENABLED" {
            headers.put(record.checksum)
        }
        headers.put("Content-Length", String(range.count))
        let status: HTTPResponse.Status = isPartial ? .partialContent : .ok
        if request.arrival.method == "HEAD" { return Response(status: status, headers: headers) }
        let body = ResponseBody(contentLength: range.count) { writer in
            try await reader.read(range) { try await writer.write($0) }
            try await writer.finish(nil)
        }
        return Response(status: status, headers: headers, body: body)
    }

    private func range(of request: S3Request, _ record: ObjectRecord) throws -> (Range<Int>, Bool) {
        if let text = request.parameter("partNumber") {
            guard let number = Int(text), number >= 1, request.header("range") == nil else {
                throw S3Error.invalidArgument("Part number must be an integer", "partNumber", text)
            }
            guard number <= record.segments.count else {
                throw S3Error(
                    .rangeNotSatisfiable, "InvalidPartNumber",
                    "The requested partnumber is not satisfiable")
            }
            let start = record.segments.prefix(number - 1).reduce(0) { $0 + $1.bytes }
            let end = start + record.segments[number - 1].bytes
            return (start..<end, start < end)
        }
        guard let text = request.header("range"), ReadCondition.rangeHolds(request.arrival, record) else {
            return (0..<record.bytes, false)
        }
        guard let wanted = ByteRange(text) else { return (0..<record.bytes, false) }
        guard let range = wanted.within(record.bytes) else {
            throw S3Error(
                .rangeNotSatisfiable, "InvalidRange", "The requested range is not satisfiable",
                [("RangeRequested", text), ("ActualObjectSize", String(record.bytes))])
        }
        return (range, true)
    }

    func delete(_ bucket: String, _ key: ObjectKey) async throws -> Response {
        try await store.remove(bucket, key)
        return Response(status: .noContent)
    }

    func deleteObjects(_ request: S3Request, _ bucket: String, _ authority: S3Authority) async throws
        -> Response
    {
        let hasProof =
            request.header("content-md5") != nil || request.header("x-amz-trailer") != nil
            || ChecksumAlgorithm.allCases.contains { request.header($0.header) != nil }
        guard hasProof else {
            throw S3Error.invalidRequest("Missing required header for this request: Content-MD5")
        }
        let document = try await request.document(authority, root: "Delete")
        let objects = document.all("Object")
        guard (1...1000).contains(objects.count), objects.allSatisfy({ $0["Key"]?.isEmpty == false }) else {
            throw S3Error.malformedXML
        }
        var results: [XMLElement] = []
        for key in objects.compactMap({ $0["Key"] }) {
            try await store.remove(bucket, ObjectKey(key.utf8))
            if document["Quiet"] != "true" { results.append(XMLElement("Deleted", [XMLElement("Key", key)])) }
        }
        return Response(.ok, XMLElement("DeleteResult", results))
    }
}

extension HTTPFields {
    mutating func put(_ checksum: Checksum?) {
        guard let checksum else { return }
        put(checksum.algorithm.header, checksum.value)
        put("x-amz-checksum-type", checksum.scope.rawValue)
    }

    mutating func put(_ record: ObjectRecord, overriddenBy arrival: Arrival) {
        put("ETag", "\"\(record.etag)\"")
        put("Last-Modified", Timestamp.http(record.modified))
        put("Accept-Ranges", "bytes")
        put("Content-Type", "binary/octet-stream")
        for (name, value) in record.attributes.headers { put(name, value) }
        for (name, value) in record.attributes.metadata { put("x-amz-meta-" + name, value) }
        for name in ObjectAttributes.headerNames {
            if let value = arrival.parameter("response-" + name) { put(name, value) }
        }
        put("x-amz-server-side-encryption", "AES256")
        if record.uploadID != nil { put("x-amz-mp-parts-count", String(record.segments.count)) }
    }
}
