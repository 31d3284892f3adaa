public import FoundationEssentials

/// What is stored under a key, as the storage tells.
public struct StoredObject: Hashable, Sendable {
    public let bytes: Int
    public let mediaType: String?
    public let entityTag: String
    /// Where the storage computed one as it took the bytes.
    public let sha256: SHA256?

    /// Of the bytes, or of the SHA-256s of the parts they came in, of whatever size those were.
    public enum SHA256: Hashable, Sendable {
        case whole([UInt8])
        case ofParts([UInt8], count: Int)
    }

    public init(bytes: Int, mediaType: String?, entityTag: String, sha256: SHA256?) {
        (self.bytes, self.mediaType, self.entityTag) = (bytes, mediaType, entityTag)
        self.sha256 = sha256
    }
}

/// What the shop needs of an object storage. Failures are `OutsideFailure`.
public struct Storage {
    /// `nil` when there is nothing under the key.
    public var head: (_ bucket: String, _ key: String) throws -> StoredObject?
    public var copy: (_ bucket: String, _ from: String, _ to: String) throws -> Void
    /// Removing what is not there is no failure.
    public var remove: (_ bucket: String, _ key: String) throws -> Void
    /// Reads all of an object, a piece at a time, in order.
    public var read: (_ bucket: String, _ key: String, _ piece: ([UInt8]) throws -> Void) throws -> Void
    /// Stores bytes we hold ourselves. What was under the key is replaced.
    public var put: (_ bucket: String, _ key: String, _ bytes: [UInt8], _ mediaType: String) throws -> Void

    public init(
        head: @escaping (_ bucket: String, _ key: String) throws -> StoredObject?,
        copy: @escaping (_ bucket: String, _ from: String, _ to: String) throws -> Void,
        remove: @escaping (_ bucket: String, _ key: String) throws -> Void,
        read: @escaping (_ bucket: String, _ key: String, _ piece: ([UInt8]) throws -> Void) throws -> Void,
        put: @escaping (_ bucket: String, _ key: String, _ bytes: [UInt8], _ mediaType: String) throws -> Void
    ) {
        (self.head, self.copy, self.remove, self.read) = (head, copy, remove, read)
        self.put = put
    }

    public static var unset: Storage {
        Storage(
            head: { _, _ in throw Unset("Storage.head") }, copy: { _, _, _ in throw Unset("Storage.copy") },
            remove: { _, _ in throw Unset("Storage.remove") },
            read: { _, _, _ in throw Unset("Storage.read") },
            put: { _, _, _, _ in throw Unset("Storage.put") })
    }
}

/// A request somebody else may send in our name until it expires: the address, and the headers that must
/// be sent with it because they are signed.
public struct SignedRequest: Hashable, Sendable {
    public let method: String
    public let url: String
    public let headers: [String: String]
    public let expiresAt: Date

    public init(method: String, url: String, headers: [String: String], expiresAt: Date) {
        (self.method, self.url, self.headers, self.expiresAt) = (method, url, headers, expiresAt)
    }
}

/// Addresses that are their own permission, made without asking anybody.
public struct Links {
    /// To send exactly the declared file under the key.
    public var upload:
        (_ bucket: String, _ key: String, _ file: DeclaredFile, _ seconds: Int) throws -> SignedRequest
    /// To send exactly the declared part of an upload the storage knows by this name.
    public var part:
        (_ bucket: String, _ key: String, _ multipart: String, _ part: DeclaredPart, _ seconds: Int) throws
            -> SignedRequest
    /// To read the object; with a file name, to save it under that name.
    public var download:
        (_ bucket: String, _ key: String, _ fileName: String?, _ seconds: Int) throws -> SignedRequest

    public init(
        upload:
            @escaping (_ bucket: String, _ key: String, _ file: DeclaredFile, _ seconds: Int) throws
            -> SignedRequest,
        part:
            @escaping (
                _ bucket: String, _ key: String, _ multipart: String, _ part: DeclaredPart, _ seconds: Int
            ) throws -> SignedRequest,
        download:
            @escaping (_ bucket: String, _ key: String, _ fileName: String?, _ seconds: Int) throws
            -> SignedRequest
    ) {
        (self.upload, self.part, self.download) = (upload, part, download)
    }

    public static var unset: Links {
        Links(
            upload: { _, _, _, _ in throw Unset("Links.upload") },
            part: { _, _, _, _, _ in throw Unset("Links.part") },
            download: { _, _, _, _ in throw Unset("Links.download") })
    }
}
