public import Bookshop
public import Lambda

/// One phrase as the API tells it, to be read along.
public struct SegmentAnswer: Encodable {
    public let position: Int
    public let chapter: Int
    public let startMilliseconds: Int
    public let endMilliseconds: Int
    public let text: String
    public let words: [WordAnswer]?
    public let version: Int

    public init(_ segment: Segment) {
        (position, chapter, text) = (segment.position, segment.chapter, segment.text)
        (startMilliseconds, endMilliseconds) = (segment.span.startMilliseconds, segment.span.endMilliseconds)
        words = segment.words.isEmpty ? nil : segment.words.map(WordAnswer.init)
        version = segment.version
    }
}

/// One word, where it is known when it is said.
public struct WordAnswer: Encodable {
    public let text: String
    public let startMilliseconds: Int
    public let endMilliseconds: Int

    public init(_ word: SpokenWord) {
        (text, startMilliseconds) = (word.text, word.span.startMilliseconds)
        endMilliseconds = word.span.endMilliseconds
    }
}

/// What of a text is asked for, and in which form.
public enum TranscriptRequest {
    case page(TranscriptWindow, after: Cursor?, limit: Int)
    case file(Captions, TranscriptWindow)

    /// What one file holds; many hours are fewer.
    public static let mostCues = 20_000
    /// The platform takes answers of 6 MiB, in which line breaks and quotes count twice.
    public static let mostBytes = 4 << 20
}

extension Request {
    /// The form is a parameter and not `Accept`: a `<track>` of a page and a link name an address and nothing else.
    public func transcriptRequest() throws(Problem) -> TranscriptRequest {
        try refuseUnknownQuery(allowing: ["from", "to", "chapter", "format", "cursor", "limit"])
        let captions: Captions? = try query.value("format")
        let paging = [try query.one("cursor"), try query.one("limit")].compactMap(\.self)
        if captions != nil, !paging.isEmpty {
            throw Query.refusal(
                of: "format", "A file has no pages: leave out cursor and limit, or ask for a chapter.")
        }
        let moments = 0...AudioProbe.maximumMilliseconds
        let window = TranscriptWindow(
            fromMilliseconds: try query.integer("from", in: moments) ?? 0,
            toMilliseconds: try query.integer("to", in: moments),
            chapter: try query.integer("chapter", in: 1...Chapter.maximumCount))
        if let captions { return .file(captions, window) }
        let cursor = try query.parsed("cursor", expecting: "a cursor of an earlier answer") {
            Cursor(rawValue: $0)
        }
        return .page(window, after: cursor, limit: try query.limit("limit", default: 200, upTo: 1000))
    }
}

/// More words than one answer carries.
public struct WindowTooLarge: Error, Equatable {
    public init() {}
}

extension Response {
    /// Words, kept by one reader's browser and asked for again each time: they may be corrected, or no longer theirs.
    public func words(for request: Request) throws(WindowTooLarge) -> Response {
        guard body.count <= TranscriptRequest.mostBytes else { throw WindowTooLarge() }
        var answer = self
        answer.headers["cache-control"] = "private, no-cache"
        return answer.tagged(for: request)
    }
}
