public import Bookshop
public import Lambda
public import Postgres
internal import Records

extension Transaction {
    /// A text as it is asked for: a page of it, told by `body`, or a file for a player.
    public func read(
        _ id: Transcript.ID, as asked: TranscriptRequest, for request: Request,
        telling body: (Page<Segment>) throws -> some Encodable
    ) throws -> Response {
        switch asked {
        case .page(let window, let cursor, let limit):
            let page = try segments(of: id, in: window, after: cursor, size: limit)
            return try Response(200, body(page)).words(for: request)
        case .file(let captions, let window):
            let found = try segments(of: id, in: window, limit: TranscriptRequest.mostCues + 1)
            guard found.count <= TranscriptRequest.mostCues else { throw WindowTooLarge() }
            let file = Array(captions.file(found).utf8)
            return try Response(200, bytes: file, type: captions.mediaType).words(for: request)
        }
    }
}
