public import FoundationEssentials

/// Permission and intent to send one file. Its object key is the server's, never the file's name.
public struct Upload: Hashable, Sendable {
    public typealias ID = Identifier<Upload>

    public enum State: String, CaseIterable, Codable, Sendable {
        case created, uploading, completing, verifying, ready, rejected, aborted, expired

        /// Whether an object that is there now may still become the book's recording.
        public var mayBeVerified: Bool {
            switch self {
            case .created, .uploading, .completing, .verifying: true
            case .ready, .rejected, .aborted, .expired: false
            }
        }
    }

    public let id: ID
    public let audiobook: Audiobook.ID
    public let editor: Editor.ID
    public let state: State
    public let declared: DeclaredFile
    public let bucket: String
    public let objectKey: String
    public let expiresAt: Date
    public let rejection: Rejection?
    public let edition: Edition.ID?
    /// What the storage calls an upload in parts, once it knows of it.
    public let multipart: String?

    public init(
        id: ID, audiobook: Audiobook.ID, editor: Editor.ID, state: State, declared: DeclaredFile,
        bucket: String, objectKey: String, expiresAt: Date, rejection: Rejection?, edition: Edition.ID?,
        multipart: String?
    ) {
        (self.id, self.audiobook, self.editor, self.state) = (id, audiobook, editor, state)
        (self.declared, self.bucket, self.objectKey) = (declared, bucket, objectKey)
        (self.expiresAt, self.rejection, self.edition) = (expiresAt, rejection, edition)
        self.multipart = multipart
    }

    /// How long one may be sent. Of one in parts the bucket's own rule forgets the parts after seven days,
    /// and never before the shop has.
    public static func seconds(for file: DeclaredFile) -> Double {
        file.layout == nil ? 24 * 3600 : 6 * 24 * 3600
    }

    /// Where its file goes.
    public static func objectKey(of id: ID) -> String { "u/\(id)/original" }

    /// Which upload an object belongs to, if any of ours.
    public static func id(ofObjectKey key: String) -> ID? {
        let parts = key.split(separator: "/", omittingEmptySubsequences: false)
        guard parts.count == 3, parts[0] == "u", parts[2] == "original", let id = ID(parts[1]),
            objectKey(of: id) == key
        else { return nil }
        return id
    }

    /// Why a stored file did not become a recording.
    public enum Rejection: String, CaseIterable, Codable, Sendable {
        case sizeDiffers = "size-differs"
        case checksumDiffers = "checksum-differs"
        case notAudio = "not-audio"
        case notPicture = "not-a-picture"
        case pictureTooSmall = "picture-too-small"
        case pictureTooLarge = "picture-too-large"
        case tooShort = "too-short"
        case tooLong = "too-long"
    }
}

/// Why a file may not be sent.
public enum DeclarationError: Error, Equatable {
    case empty
    case tooLarge(maximumBytes: Int)
    case mediaType(String)
    case checksum
    case name
    case purpose
    /// A cover is small, and sent as it is.
    case partsOfPicture
    case partBytes
    /// There must be one checksum for each of so many parts.
    case partCount(Int)
    /// Counted from zero.
    case partChecksum(at: Int)
}

/// What an editor says the file will be. The signature holds them to it, and the bytes are checked after.
public struct DeclaredFile: Hashable, Sendable {
    public let name: String
    public let mediaType: String
    public let bytes: Int
    public let checksum: FileChecksum
    public let purpose: Purpose

    /// What a file is to become: the book's recording by itself, one of the files of a recording, or its
    /// cover.
    public enum Purpose: String, Codable, Sendable { case recording, track, cover }

    /// What one PUT can carry (S3: 5 GiB). Larger files go in parts.
    public static let maximumBytes = 5 * 1024 * 1024 * 1024
    /// What one object can be (S3: 5 TiB).
    public static let maximumBytesInParts = 5 * 1024 * 1024 * 1024 * 1024
    public static let maximumPictureBytes = 20 * 1024 * 1024
    public static let mediaTypes: Set<String> = pictureTypes.union([
        "audio/mpeg", "audio/mp4", "audio/x-m4b", "audio/x-m4a", "audio/aac", "audio/flac", "audio/ogg",
        "audio/wav", "audio/x-wav",
    ])
    private static let pictureTypes: Set<String> = ["image/jpeg", "image/png"]

    /// Of a file that is sent in parts.
    public var layout: PartLayout? {
        checksum.partBytes.map { PartLayout(fileBytes: bytes, partBytes: $0) }
    }

    /// Without a purpose a picture is a cover, and sound is the recording.
    public init(
        name: String, mediaType: String, bytes: Int, checksum: FileChecksum, purpose: Purpose? = nil
    ) throws(DeclarationError) {
        guard bytes > 0 else { throw .empty }
        guard Self.mediaTypes.contains(mediaType) else { throw .mediaType(mediaType) }
        let isPicture = Self.pictureTypes.contains(mediaType), isInParts = checksum.partBytes != nil
        guard !(isPicture && isInParts) else { throw .partsOfPicture }
        let most =
            isPicture ? Self.maximumPictureBytes : isInParts ? Self.maximumBytesInParts : Self.maximumBytes
        guard bytes <= most else { throw .tooLarge(maximumBytes: most) }
        guard checksum.digest.count == 32 else { throw .checksum }
        guard (1...255).contains(name.count), !name.utf8.contains(0) else { throw .name }
        let purpose = purpose ?? (isPicture ? .cover : .recording)
        guard (purpose == .cover) == isPicture else { throw .purpose }
        (self.name, self.mediaType, self.bytes) = (name, mediaType, bytes)
        (self.checksum, self.purpose) = (checksum, purpose)
    }

    public init(name: String, mediaType: String, bytes: Int, sha256: [UInt8]) throws(DeclarationError) {
        try self.init(name: name, mediaType: mediaType, bytes: bytes, checksum: .whole(sha256))
    }
}

/// Why an upload goes no further.
public enum UploadError: Error, Equatable {
    case noSuchUpload
    /// It has ended otherwise, or is not there yet.
    case notVerifying(Upload.State)
    /// It is sent whole: there are no parts of it.
    case notInParts
}

/// What an accepted upload became.
public struct AcceptedUpload: Hashable, Sendable {
    public let audiobook: Audiobook.ID
    public let edition: Edition.ID
    public let transcript: Transcript.ID

    public init(audiobook: Audiobook.ID, edition: Edition.ID, transcript: Transcript.ID) {
        (self.audiobook, self.edition, self.transcript) = (audiobook, edition, transcript)
    }
}
