/// What a file says of the book in it.
public struct BookLabels: Hashable, Sendable {
    public struct InSeries: Hashable, Codable, Sendable {
        public let name: String
        public let label: String?
        public let sortKey: SeriesEntry.SortKey

        public init(name: String, label: String?, sortKey: SeriesEntry.SortKey) {
            (self.name, self.label, self.sortKey) = (name, label, sortKey)
        }
    }

    public let title: String
    public let subtitle: String?
    public let description: String
    public let language: LanguageTag
    public let authors: [String]
    public let narrators: [String]
    public let series: [InSeries]

    public init(
        title: String, subtitle: String? = nil, description: String = "", language: LanguageTag,
        authors: [String], narrators: [String] = [], series: [InSeries] = []
    ) {
        (self.title, self.subtitle, self.description) = (title, subtitle, description)
        (self.language, self.authors, self.narrators) = (language, authors, narrators)
        self.series = series
    }
}

/// A file of a book, where it can be read, and how much of the book it is.
public struct SoundSource: Hashable, Sendable {
    public let url: String
    public let durationMilliseconds: Int

    public init(url: String, durationMilliseconds: Int) {
        (self.url, self.durationMilliseconds) = (url, durationMilliseconds)
    }
}

/// A file that is there as long as it is looked at, and may be read more than once.
public struct MadeFile {
    public let bytes: Int
    /// All of it, a piece at a time, in order.
    public let read: (_ piece: ([UInt8]) throws -> Void) throws -> Void

    public init(bytes: Int, read: @escaping (_ piece: ([UInt8]) throws -> Void) throws -> Void) {
        (self.bytes, self.read) = (bytes, read)
    }
}

/// The sound of one chapter as a file, and what of the book it is: cuts lie between frames, a little behind where the
/// chapter begins.
public struct ChapterSound {
    public let span: Span
    public let file: MadeFile

    public init(span: Span, file: MadeFile) { (self.span, self.file) = (span, file) }
}

/// Kinds of sound that every reading system of EPUB 3 plays.
public enum ChapterKind: String, Sendable {
    case m4a, mp3

    public var mediaType: String {
        switch self {
        case .m4a: "audio/mp4"
        case .mp3: "audio/mpeg"
        }
    }
}

/// What the shop needs done to the files of a book to make one of them, or one for each chapter. Failures are
/// `OutsideFailure`: `.refused` says that a file itself is bad.
public struct Bindery {
    /// One M4B, undecoded where that is possible; gone when the last closure has returned.
    public var bind:
        (
            _ sources: [SoundSource], _ chapters: [Chapter], _ labels: BookLabels, _ cover: [UInt8]?,
            _ take: (MadeFile) throws -> Void
        ) throws -> Void
    /// One file for each chapter, in order.
    public var split:
        (
            _ sources: [SoundSource], _ chapters: [Chapter],
            _ take: ([ChapterSound], ChapterKind) throws -> Void
        ) throws -> Void

    public init(
        bind:
            @escaping (
                _ sources: [SoundSource], _ chapters: [Chapter], _ labels: BookLabels, _ cover: [UInt8]?,
                _ take: (MadeFile) throws -> Void
            ) throws -> Void,
        split:
            @escaping (
                _ sources: [SoundSource], _ chapters: [Chapter],
                _ take: ([ChapterSound], ChapterKind) throws -> Void
            ) throws -> Void
    ) {
        (self.bind, self.split) = (bind, split)
    }

    public static var unset: Bindery {
        Bindery(
            bind: { _, _, _, _, _ in throw Unset("Bindery.bind") },
            split: { _, _, _ in throw Unset("Bindery.split") })
    }
}
