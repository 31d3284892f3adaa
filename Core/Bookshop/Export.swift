public import FoundationEssentials

/// A book as one file to keep, made once for all who own it.
public struct Export: Hashable, Sendable {
    public typealias ID = Identifier<Export>

    public enum Format: String, CaseIterable, Codable, Sendable {
        /// EPUB 3, its words lit up as they are heard.
        case epub
        /// All files in one, with chapters.
        case m4b

        public var mediaType: String {
            switch self {
            case .epub: "application/epub+zip"
            case .m4b: "audio/mp4"
            }
        }
    }

    public enum State: String, CaseIterable, Codable, Sendable {
        case wanted, making, ready, failed, superseded
    }

    public let id: ID
    public let format: Format
    public let state: State
    public let bucket: String
    public let objectKey: String
    public let bytes: Int?
    /// Why it was given up, in a word.
    public let failure: String?
    public let readyAt: Date?
    /// Whether it says what the book says now.
    public let isCurrent: Bool

    public init(
        id: ID, format: Format, state: State, bucket: String, objectKey: String, bytes: Int?,
        failure: String?, readyAt: Date?, isCurrent: Bool
    ) {
        (self.id, self.format, self.state) = (id, format, state)
        (self.bucket, self.objectKey, self.bytes) = (bucket, objectKey, bytes)
        (self.failure, self.readyAt, self.isCurrent) = (failure, readyAt, isCurrent)
    }

    /// After so many a worker is sent no more.
    public static let maximumAttempts = 3
}

/// Why a book is not to be had as a file.
public enum ExportError: Error, Equatable {
    case notAllowed
    /// More than is copied and sent within one event, or than an EPUB's archive may hold.
    case tooLarge
    /// More than is encoded within one event.
    case tooLong
    /// An editor's list of formats names one twice.
    case repeated(at: Int)
}

extension Export.Format {
    /// Four gigabytes is where an archive without extensions ends; as much is copied in a third of the time there is.
    public static let mostBytes = 4_000_000_000
    /// Encoded at eighty times its speed, this takes eleven minutes of fifteen.
    public static let mostEncodedMilliseconds = 15 * 3_600_000

    /// Sound of these kinds goes in as it is, if the files are alike.
    private var copied: Set<String> {
        switch self {
        case .epub: ["aac", "mp3"]
        case .m4b: ["aac"]
        }
    }

    /// Refuses what would not be made within one event.
    public func check(_ tracks: [Track]) throws(ExportError) {
        let codecs = Set(tracks.map(\.asset.codec))
        guard tracks.reduce(0, { $0 + $1.asset.bytes }) <= Self.mostBytes else { throw .tooLarge }
        let duration = tracks.reduce(0) { $0 + $1.asset.durationMilliseconds }
        guard codecs.count == 1 && codecs.isSubset(of: copied) || duration <= Self.mostEncodedMilliseconds
        else { throw .tooLong }
    }
}

/// An export in the hands of one worker, and what it is to be made of.
public struct ClaimedExport: Sendable {
    public let id: Export.ID
    public let audiobook: Audiobook.ID
    public let format: Export.Format
    public let bucket: String
    public let objectKey: String
    public let attempt: Int
    public let lease: Lease
    /// The parts an earlier worker began to send, who did not come back.
    public let leftover: String?
    public let labels: BookLabels
    public let cover: (bucket: String, objectKey: String)?
    public let chapters: [Chapter]
    public let tracks: [Track]
    /// Without their words; none of an M4B.
    public let phrases: [Segment]

    public init(
        id: Export.ID, audiobook: Audiobook.ID, format: Export.Format, bucket: String, objectKey: String,
        attempt: Int, lease: Lease, leftover: String?, labels: BookLabels,
        cover: (bucket: String, objectKey: String)?, chapters: [Chapter], tracks: [Track], phrases: [Segment]
    ) {
        (self.id, self.audiobook, self.format) = (id, audiobook, format)
        (self.bucket, self.objectKey) = (bucket, objectKey)
        (self.attempt, self.lease, self.leftover) = (attempt, lease, leftover)
        (self.labels, self.cover, self.chapters) = (labels, cover, chapters)
        (self.tracks, self.phrases) = (tracks, phrases)
    }
}

/// A file nobody is given an address of any more.
public struct SupersededExport: Hashable, Sendable {
    public let id: Export.ID
    public let bucket: String
    public let objectKey: String
    /// Parts whose sender did not come back.
    public let multipart: String?

    public init(id: Export.ID, bucket: String, objectKey: String, multipart: String?) {
        (self.id, self.bucket, self.objectKey, self.multipart) = (id, bucket, objectKey, multipart)
    }
}
