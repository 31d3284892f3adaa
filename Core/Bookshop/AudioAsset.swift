/// A stored, checked recording. The same bytes are one asset, wherever they were sent.
public struct AudioAsset: Hashable, Sendable {
    public typealias ID = Identifier<AudioAsset>

    public let id: ID
    public let bucket: String
    public let objectKey: String
    public let bytes: Int
    public let checksum: FileChecksum
    public let mediaType: String
    public let codec: String
    public let durationMilliseconds: Int

    public init(
        id: ID, bucket: String, objectKey: String, bytes: Int, checksum: FileChecksum, mediaType: String,
        codec: String, durationMilliseconds: Int
    ) {
        (self.id, self.bucket, self.objectKey, self.bytes) = (id, bucket, objectKey, bytes)
        (self.checksum, self.mediaType, self.codec) = (checksum, mediaType, codec)
        self.durationMilliseconds = durationMilliseconds
    }
}

/// What a file is found to be by reading its container and its frames, and not by believing its name.
public struct AudioProbe: Hashable, Sendable {
    public var mediaType: String
    public var codec: String
    public var durationMilliseconds: Int
    public var bitsPerSecond: Int?
    public var sampleRate: Int?
    public var chapters: [ChapterMark]
    /// What it calls itself.
    public var title: String?

    public static let minimumMilliseconds = 1_000
    /// A hundred hours.
    public static let maximumMilliseconds = 360_000_000

    public init(
        mediaType: String, codec: String, durationMilliseconds: Int, bitsPerSecond: Int? = nil,
        sampleRate: Int? = nil, chapters: [ChapterMark] = [], title: String? = nil
    ) {
        (self.mediaType, self.codec) = (mediaType, codec)
        (self.durationMilliseconds, self.bitsPerSecond) = (durationMilliseconds, bitsPerSecond)
        (self.sampleRate, self.chapters, self.title) = (sampleRate, chapters, title)
    }

    /// Why this is no recording we take, if so.
    public var rejection: Upload.Rejection? {
        if !mediaType.hasPrefix("audio/") { return .notAudio }
        if durationMilliseconds < Self.minimumMilliseconds { return .tooShort }
        if durationMilliseconds > Self.maximumMilliseconds { return .tooLong }
        return nil
    }
}
