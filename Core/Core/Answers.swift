public import Bookshop
internal import Cryptography
public import Lambda

/// One chapter as the API tells it.
public struct ChapterAnswer: Encodable {
    public let title: String
    public let startMilliseconds: Int
    public let endMilliseconds: Int

    public init(_ chapter: Chapter) {
        title = chapter.title
        (startMilliseconds, endMilliseconds) = (chapter.span.startMilliseconds, chapter.span.endMilliseconds)
    }
}

/// Lower-case digits.
public func hexadecimal(_ bytes: [UInt8]) -> String { Hex.encoded(bytes) }

/// The bytes of a SHA-256 or whatever else is told in digits; none if it is no such text.
public func hexadecimal(_ text: String) -> [UInt8] { Hex.decoded(text) ?? [] }

extension DeclaredFile {
    /// A file of these parts, known by the SHA-256 of their SHA-256s.
    public init(
        name: String, mediaType: String, parts: DeclaredParts, purpose: Purpose? = nil
    ) throws(DeclarationError) {
        try self.init(
            name: name, mediaType: mediaType, bytes: parts.layout.fileBytes,
            checksum: .parts(SHA256.hash(parts.digests), partBytes: parts.layout.partBytes), purpose: purpose)
    }
}

/// A stored file that will not be a recording, told by the reason.
public struct UploadRejected: ProblemConvertible {
    public let reason: Upload.Rejection
    public init(reason: Upload.Rejection) { self.reason = reason }

    public var problem: Problem {
        Problem(422, reason.rawValue, detail, headers: [:])
    }

    private var detail: String {
        switch reason {
        case .sizeDiffers: "The file is not as large as was declared: ask for a new upload and send it again."
        case .checksumDiffers:
            "The file's SHA-256 is not the one declared: ask for a new upload and send it again."
        case .notAudio: "The file is no audio, whatever it is called."
        case .notPicture: "The file is no JPEG and no PNG, whatever it is called."
        case .pictureTooSmall: "A cover has at least 160 pixels on each side."
        case .pictureTooLarge: "A cover has at most 8000 pixels on each side."
        case .tooShort: "The recording is shorter than a second."
        case .tooLong: "The recording is longer than a hundred hours."
        }
    }
}

extension OutsideFailure {
    /// One word for an editor and a log line, such as `ffmpeg-truncated`: never the service's own sentence, nor a code
    /// of its own in which a key or a name might be.
    public var word: String {
        let kind =
            switch kind {
            case .refused: "refused"
            case .throttled: "throttled"
            case .unavailable: "unavailable"
            case .undecided: "undecided"
            }
        return "\(service)-\(code.flatMap { $0.isPlainWord ? $0 : nil } ?? kind)"
    }
}

extension String {
    /// Small letters, and what joins them.
    fileprivate var isPlainWord: Bool {
        (1...40).contains(utf8.count)
            && utf8.allSatisfy {
                (UInt8(ascii: "a")...UInt8(ascii: "z")).contains($0) || "-_".utf8.contains($0)
            }
    }
}
