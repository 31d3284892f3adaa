public import Foundation

/// A bucket the server holds from its start.
public struct BucketDescription: Sendable {
    public let name: String
    /// In force until a client puts rules of its own.
    public let cors: [CORSRule]
    /// Objects under these may be read without a signature.
    public let publicPrefixes: [String]
    /// What is told to `onEvent`; nothing else is.
    public let notifications: [NotificationRule]

    public init(
        name: String, cors: [CORSRule] = [], publicPrefixes: [String] = [],
        notifications: [NotificationRule] = [.everything]
    ) {
        (self.name, self.cors) = (name, cors)
        (self.publicPrefixes, self.notifications) = (publicPrefixes, notifications)
    }
}

public struct CORSRule: Codable, Hashable, Sendable {
    public let allowedOrigins: [String]
    public let allowedMethods: [String]
    public let allowedHeaders: [String]
    public let exposedHeaders: [String]
    public let maximumAgeSeconds: Int?

    public init(
        allowedOrigins: [String], allowedMethods: [String], allowedHeaders: [String] = [],
        exposedHeaders: [String] = [], maximumAgeSeconds: Int? = nil
    ) {
        (self.allowedOrigins, self.allowedMethods) = (allowedOrigins, allowedMethods)
        (self.allowedHeaders, self.exposedHeaders) = (allowedHeaders, exposedHeaders)
        self.maximumAgeSeconds = maximumAgeSeconds
    }
}

/// Which events of a bucket are told.
public struct NotificationRule: Codable, Hashable, Sendable {
    /// `s3:ObjectCreated:*`, `s3:ObjectRemoved:Delete`; the last part may be a star.
    public let event: String
    public let prefix: String
    public let suffix: String
    /// Whom S3's own answer names as told.
    public let functionARN: String?

    public init(event: String, prefix: String = "", suffix: String = "", functionARN: String? = nil) {
        (self.event, self.prefix, self.suffix, self.functionARN) = (event, prefix, suffix, functionARN)
    }

    public static let everything = NotificationRule(event: "s3:*")

    func covers(_ eventName: String, of key: ObjectKey) -> Bool {
        let pattern = event.hasPrefix("s3:") ? String(event.dropFirst(3)) : event
        let isEvent = pattern.last == "*" ? eventName.hasPrefix(pattern.dropLast()) : eventName == pattern
        return isEvent && key.bytes.starts(with: prefix.utf8)
            && key.bytes.reversed().starts(with: suffix.utf8.reversed())
    }
}

/// A change to an object, told once it is durable; told again after a crash, until it is acknowledged.
public struct StorageNotification: Codable, Hashable, Sendable {
    public let bucket: String
    public let key: String
    /// `ObjectCreated:Put`, without the `s3:` that only rules carry.
    public let eventName: String
    /// Of the object created; 0 for one removed.
    public let bytes: Int
    /// Without quotes; empty for an object removed.
    public let etag: String
    /// Hexadecimal and of one length, so that for one key the later is the greater.
    public let sequencer: String
    public let time: Date
}
