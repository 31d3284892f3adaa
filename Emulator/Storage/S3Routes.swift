import Groundwork
import HTTPTypes
import Hummingbird

/// What a request asks for, by its method and the subresource in its query.
extension S3Server {
    /// Parts of S3 that this server lacks. Answering as if they were not there would be wrong in silence.
    private static let unknownParameters: Set<String> = [
        "accelerate", "acl", "analytics", "attributes", "encryption", "intelligent-tiering", "inventory",
        "legal-hold", "lifecycle", "logging", "metrics", "object-lock", "ownershipControls", "policy",
        "policyStatus", "publicAccessBlock", "replication", "requestPayment", "restore", "retention",
        "select",
        "tagging", "torrent", "versions", "website",
    ]
    private static let unknownHeaders: Set<String> = [
        "x-amz-grant-full-control", "x-amz-grant-read", "x-amz-grant-read-acp", "x-amz-grant-write-acp",
        "x-amz-object-lock-legal-hold", "x-amz-object-lock-mode", "x-amz-object-lock-retain-until-date",
        "x-amz-server-side-encryption-aws-kms-key-id", "x-amz-server-side-encryption-customer-algorithm",
        "x-amz-tagging", "x-amz-website-redirect-location", "x-amz-write-offset-bytes",
    ]

    func refuseUnknown(_ request: S3Request) throws(S3Error) {
        if let name = request.arrival.query.first(where: { Self.unknownParameters.contains($0.name) })?.name {
            throw .notImplemented(name)
        }
        if let name = request.arrival.headers.first(where: { Self.unknownHeaders.contains($0.name) })?.name {
            throw .notImplemented(name)
        }
        if let version = request.parameter("versionId"), version != "null" {
            throw .invalidArgument("Invalid version id specified", "versionId", version)
        }
        guard ["STANDARD", nil].contains(request.header("x-amz-storage-class")) else {
            throw S3Error(
                .badRequest, "InvalidStorageClass", "The storage class you specified is not valid")
        }
        guard ["AES256", nil].contains(request.header("x-amz-server-side-encryption")) else {
            throw .notImplemented("x-amz-server-side-encryption")
        }
        guard ["private", "bucket-owner-full-control", nil].contains(request.header("x-amz-acl")) else {
            throw S3Error(.badRequest, "AccessControlListNotSupported", "The bucket does not allow ACLs")
        }
    }

    func service(_ request: S3Request) async throws -> Response {
        guard request.arrival.method == "GET" else { throw S3Error.methodNotAllowed }
        return await listBuckets()
    }

    func bucket(_ request: S3Request, _ bucket: String, _ authority: S3Authority) async throws -> Response {
        switch (
            request.arrival.method,
            subresource(
                request,
                [
                    "cors", "delete", "location", "notification",
                    "uploads", "versioning",
                ])
        ) {
        case ("GET", nil): return try await list(request, bucket)
        case ("HEAD", nil): return try await headBucket(bucket)
        case ("PUT", nil): return try await createBucket(request, bucket, authority)
        case ("DELETE", nil): return try await deleteBucket(bucket)
        case ("GET", "cors"): return try await getCORS(bucket)
        case ("PUT", "cors"): return try await putCORS(request, bucket, authority)
        case ("DELETE", "cors"): return try await deleteCORS(bucket)
        case ("GET", "location"): return try await location(bucket)
        case ("GET", "notification"): return try await notificationRules(bucket)
        case ("GET", "versioning"): return try await versioning(bucket)
        case ("GET", "uploads"): return try await listUploads(request, bucket)
        case ("POST", "delete"): return try await deleteObjects(request, bucket, authority)
        case (_, let name?): throw S3Error.notImplemented(name)
        default: throw S3Error.methodNotAllowed
        }
    }

    func object(
        _ request: S3Request, _ bucket: String, _ key: ObjectKey, _ authority: S3Authority
    ) async throws -> Response {
        let isCopy = request.header("x-amz-copy-source") != nil
        switch (request.arrival.method, subresource(request, ["uploads", "uploadId"])) {
        case ("GET", nil), ("HEAD", nil): return try await get(request, bucket, key)
        case ("PUT", nil):
            return try await isCopy ? copy(request, bucket, key) : put(request, bucket, key, authority)
        case ("DELETE", nil): return try await delete(bucket, key)
        case ("POST", "uploads"): return try await beginUpload(request, bucket, key)
        case ("PUT", "uploadId"):
            return try await isCopy
                ? copyPart(request, bucket, key) : putPart(request, bucket, key, authority)
        case ("GET", "uploadId"): return try await listParts(request, bucket, key)
        case ("POST", "uploadId"): return try await completeUpload(request, bucket, key, authority)
        case ("DELETE", "uploadId"): return try await abortUpload(request, bucket, key)
        default: throw S3Error.methodNotAllowed
        }
    }

    private func subresource(_ request: S3Request, _ names: [String]) -> String? {
        names.first(where: request.has)
    }
}
