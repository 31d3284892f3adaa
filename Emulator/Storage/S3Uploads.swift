import Foundation
import Groundwork
import HTTPTypes
import Hummingbird

/// Multipart uploads.
extension S3Server {
    static let mostParts = 10_000

    func beginUpload(_ request: S3Request, _ bucket: String, _ key: ObjectKey) async throws -> Response {
        let algorithm = try request.header("x-amz-checksum-algorithm").map { name throws(S3Error) in
            guard let algorithm = ChecksumAlgorithm(rawValue: name.uppercased()) else {
                throw .invalidRequest("Checksum algorithm provided is unsupported.")
            }
            return algorithm
        }
        let usual = algorithm == .crc64nvme ? Checksum.Scope.whole : .composite
        let named = request.header("x-amz-checksum-type")?.uppercased()
        guard let scope = Checksum.Scope(rawValue: named ?? usual.rawValue) else {
            throw S3Error.invalidRequest("Value for x-amz-checksum-type header is invalid.")
        }
        let upload = try await store.begin(
            bucket, key, try ObjectAttributes(request.arrival), algorithm, scope)
        var response = Response(
            .ok,
            XMLElement(
                "InitiateMultipartUploadResult",
                [
                    XMLElement("Bucket", bucket), XMLElement("Key", key.text),
                    XMLElement("UploadId", upload.id),
                ]))
        if let algorithm {
            response.headers.put("x-amz-checksum-algorithm", algorithm.rawValue)
            response.headers.put("x-amz-checksum-type", scope.rawValue)
        }
        return response
    }

    func partAddress(of request: S3Request) throws(S3Error) -> (id: String, number: Int) {
        let text = request.parameter("partNumber") ?? ""
        guard let number = PayloadPlan.count(text), (1...Self.mostParts).contains(number) else {
            throw .invalidArgument(
                "Part number must be an integer between 1 and 10000, inclusive", "partNumber", text)
        }
        return (request.parameter("uploadId") ?? "", number)
    }

    func putPart(
        _ request: S3Request, _ bucket: String, _ key: ObjectKey, _ authority: S3Authority
    ) async throws -> Response {
        let (id, number) = try partAddress(of: request)
        let upload = try await store.upload(id, bucket, key)
        let plan = try PayloadPlan(request.arrival, authority)
        let (blob, checksum) = try await request.receive(
            plan, into: store.blobs, alsoHashing: upload.checksum)
        if let checksum, let expected = upload.checksum, checksum.algorithm != expected {
            store.blobs.remove([blob.segment])
            throw S3Error.invalidRequest(
                "Checksum Type mismatch occurred, expected checksum Type: \(expected.rawValue), "
                    + "actual checksum "
                    + "Type: \(checksum.algorithm.rawValue)")
        }
        _ = try await store.put(
            part: number, blob.segment, etag: blob.etag, checksum: checksum, of: id, bucket, key)
        var response = Response(status: .ok)
        response.headers.put("ETag", "\"\(blob.etag)\"")
        if let checksum { response.headers.put(checksum.algorithm.header, checksum.value) }
        return response
    }

    func completeUpload(
        _ request: S3Request, _ bucket: String, _ key: ObjectKey, _ authority: S3Authority
    ) async throws -> Response {
        let plan = try PayloadPlan(request.arrival, authority, ofObject: true)
        let collector = ByteCollector()
        guard plan.bytes <= 4 << 20 else { throw S3Error.malformedXML }
        try await request.read(plan, into: collector)
        guard let document = XMLReader.read(collector.bytes), document.name == "CompleteMultipartUpload"
        else {
            throw S3Error.malformedXML
        }
        let choices = try document.all("Part").map { part throws(S3Error) in
            guard let number = part["PartNumber"].flatMap({ Int($0) }), let etag = part["ETag"] else {
                throw .malformedXML
            }
            let checksums = ChecksumAlgorithm.allCases.compactMap { name in
                part[name.element].map { (name, $0) }
            }
            return Upload.Choice(
                number: number, etag: etag.filter { $0 != "\"" },
                checksums: Dictionary(uniqueKeysWithValues: checksums))
        }
        let id = request.parameter("uploadId") ?? ""
        let whole = try await whole(request, id, choices, bucket, key)
        let record = try await store.complete(
            id, choices, bucket, key, try WriteCondition(request.arrival), whole: whole)
        var children = [
            XMLElement(
                "Location",
                "http://\(request.header("host") ?? "localhost")/\(bucket)/" + PercentCoding.encode(key.bytes)
            ),
            XMLElement("Bucket", bucket), XMLElement("Key", key.text),
            XMLElement("ETag", "\"\(record.etag)\""),
        ]
        if let checksum = record.checksum {
            children.append(XMLElement(checksum.algorithm.element, checksum.value))
            children.append(XMLElement("ChecksumType", checksum.scope.rawValue))
        }
        return Response(.ok, XMLElement("CompleteMultipartUploadResult", children))
    }

    func abortUpload(_ request: S3Request, _ bucket: String, _ key: ObjectKey) async throws -> Response {
        try await store.abort(request.parameter("uploadId") ?? "", bucket, key)
        return Response(status: .noContent)
    }

    func listParts(_ request: S3Request, _ bucket: String, _ key: ObjectKey) async throws -> Response {
        let upload = try await store.upload(request.parameter("uploadId") ?? "", bucket, key)
        let limit = max(1, try limit(request, "max-parts"))
        let marker = request.parameter("part-number-marker").flatMap { Int($0) } ?? 0
        let rest = upload.parts.values.filter { $0.number > marker }.sorted { $0.number < $1.number }
        let page = rest.prefix(limit)
        var children = [
            XMLElement("Bucket", bucket), try ListEncoding(request).element("Key", key.bytes),
            XMLElement("UploadId", upload.id), XMLElement("Initiator", Self.owner.children), Self.owner,
            XMLElement("StorageClass", "STANDARD"), XMLElement("PartNumberMarker", String(marker)),
            XMLElement("NextPartNumberMarker", String(page.last?.number ?? 0)),
            XMLElement("MaxParts", String(limit)), XMLElement("IsTruncated", String(page.count < rest.count)),
        ]
        if let algorithm = upload.checksum {
            children.append(XMLElement("ChecksumAlgorithm", algorithm.rawValue))
            children.append(XMLElement("ChecksumType", upload.checksumScope.rawValue))
        }
        children += page.map { part in
            var children = [
                XMLElement("PartNumber", String(part.number)),
                XMLElement("LastModified", Timestamp.extended(part.modified)),
                XMLElement("ETag", "\"\(part.etag)\""), XMLElement("Size", String(part.segment.bytes)),
            ]
            if let checksum = part.checksum {
                children.append(XMLElement(checksum.algorithm.element, checksum.value))
            }
            return XMLElement("Part", children)
        }
        return Response(.ok, XMLElement("ListPartsResult", children))
    }
}
