import Groundwork
import HTTPTypes

/// A refusal in S3's words.
struct S3Error: Error {
    let status: HTTPResponse.Status
    let code: String
    let message: String
    var details: [(element: String, value: String)] = []

    init(
        _ status: HTTPResponse.Status, _ code: String, _ message: String,
        _ details: [(element: String, value: String)] = []
    ) {
        (self.status, self.code, self.message, self.details) = (status, code, message, details)
    }
}

extension S3Error {
    static func noSuchBucket(_ name: String) -> S3Error {
        S3Error(.notFound, "NoSuchBucket", "The specified bucket does not exist", [("BucketName", name)])
    }

    static func noSuchKey(_ key: String) -> S3Error {
        S3Error(.notFound, "NoSuchKey", "The specified key does not exist.", [("Key", key)])
    }

    static func noSuchUpload(_ id: String) -> S3Error {
        S3Error(
            .notFound, "NoSuchUpload",
            "The specified upload does not exist. The upload ID may be invalid, or the upload may have been "
                + "aborted or completed.", [("UploadId", id)])
    }

    static func bucketNotEmpty(_ name: String) -> S3Error {
        S3Error(
            .conflict, "BucketNotEmpty", "The bucket you tried to delete is not empty", [("BucketName", name)]
        )
    }

    static func preconditionFailed(_ condition: String) -> S3Error {
        S3Error(
            .preconditionFailed, "PreconditionFailed",
            "At least one of the pre-conditions you specified did not hold", [("Condition", condition)])
    }

    static func invalidArgument(_ message: String, _ name: String, _ value: String) -> S3Error {
        S3Error(.badRequest, "InvalidArgument", message, [("ArgumentName", name), ("ArgumentValue", value)])
    }

    static func invalidRequest(_ message: String) -> S3Error {
        S3Error(.badRequest, "InvalidRequest", message)
    }

    static func accessDenied(_ message: String = "Access Denied") -> S3Error {
        S3Error(.forbidden, "AccessDenied", message)
    }

    static var malformedXML: S3Error {
        S3Error(
            .badRequest, "MalformedXML",
            "The XML you provided was not well-formed or did not validate against our published schema")
    }

    static var invalidPartOrder: S3Error {
        S3Error(
            .badRequest, "InvalidPartOrder",
            "The list of parts was not in ascending order. Parts must be ordered by part number.")
    }

    static func invalidPart(_ number: Int) -> S3Error {
        S3Error(
            .badRequest, "InvalidPart",
            "One or more of the specified parts could not be found.  The part may not have been "
                + "uploaded, or the "
                + "specified entity tag may not match the part's entity tag.",
            [("PartNumber", String(number))])
    }

    static func partTooSmall(_ number: Int, etag: String, bytes: Int) -> S3Error {
        S3Error(
            .badRequest, "EntityTooSmall",
            "Your proposed upload is smaller than the minimum allowed size",
            [
                ("ProposedSize", String(bytes)), ("MinSizeAllowed", String(Upload.minimumPartBytes)),
                ("PartNumber", String(number)), ("ETag", etag),
            ])
    }

    static func tooLarge(_ bytes: Int, limit: Int) -> S3Error {
        S3Error(
            .badRequest, "EntityTooLarge", "Your proposed upload exceeds the maximum allowed size",
            [("ProposedSize", String(bytes)), ("MaxSizeAllowed", String(limit))])
    }

    static func badDigest(_ name: String) -> S3Error {
        S3Error(
            .badRequest, "BadDigest", "The \(name) you specified did not match the calculated checksum.")
    }

    static var invalidDigest: S3Error {
        S3Error(.badRequest, "InvalidDigest", "The Content-MD5 you specified was invalid.")
    }

    static var incompleteBody: S3Error {
        S3Error(
            .badRequest, "IncompleteBody",
            "You did not provide the number of bytes specified by the Content-Length HTTP header")
    }

    static var missingLength: S3Error {
        S3Error(.lengthRequired, "MissingContentLength", "You must provide the Content-Length HTTP header.")
    }

    static var methodNotAllowed: S3Error {
        S3Error(
            .methodNotAllowed, "MethodNotAllowed",
            "The specified method is not allowed against this resource.")
    }

    static func notImplemented(_ what: String) -> S3Error {
        S3Error(
            .notImplemented, "NotImplemented",
            "A header or query you provided implies functionality that is not implemented", [("Header", what)]
        )
    }
}
