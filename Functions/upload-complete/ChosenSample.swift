import Core
import World

struct ChosenSample: Decodable { let startMilliseconds: Int }

struct CutSample: Encodable {
    let audiobookId: Audiobook.ID
    let url: String
    let startMilliseconds: Int
    let durationMilliseconds: Int
}

/// Another beginning for the sample. It is cut at once, and shown when it is whole; chosen again, it is the
/// same.
func chooseSample(_ request: Request, in shop: Shop) throws -> Response {
    let editor = try shop.identity.editor(request)
    let book: Audiobook.ID = try request.id()
    try request.refuseUnknownQuery()
    let start = try request.decoded(as: ChosenSample.self).startMilliseconds
    let chosen = try shop.database.transaction { try $0.sample(of: book, from: start) }
    guard let (track, sample) = chosen else { throw CatalogueError.sampleOutside }
    try shop.cut(sample, from: track, for: book, by: editor.id)
    return try Response(
        200,
        CutSample(
            audiobookId: book, url: "/api/v1/audiobooks/\(book)/sample",
            startMilliseconds: sample.startMilliseconds, durationMilliseconds: sample.durationMilliseconds))
}
