import Core
import World

struct NewEdition: Decodable { let uploadIds: [Upload.ID] }

struct RecordedEdition: Encodable {
    let audiobookId: Audiobook.ID
    let editionId: Edition.ID
    let jobId: Transcript.ID
    let durationMilliseconds: Int
    let tracks: Int
    let chapters: [ChapterAnswer]
}

/// Files that were sent one by one become the book's recording, in the order they are named in. Asked again
/// under its key it is the same edition.
func record(_ request: Request, in shop: Shop) throws -> Response {
    let editor = try shop.identity.editor(request)
    let book: Audiobook.ID = try request.id()
    try request.refuseUnknownQuery()
    let uploads = try request.decoded(as: NewEdition.self).uploadIds
    var planned: Transcript.ID?
    let response = try shop.database.transaction(.readCommitted) { transaction in
        planned = nil
        return try transaction.once(request, of: editor.id) {
            let (edition, transcript) = try transaction.record(book, from: uploads, by: editor.id)
            planned = transcript
            let tracks = try transaction.tracks(of: edition)
            return try Response(
                201,
                RecordedEdition(
                    audiobookId: book, editionId: edition, jobId: transcript,
                    durationMilliseconds: tracks.last?.span.endMilliseconds ?? 0, tracks: tracks.count,
                    chapters: transaction.chapters(of: edition).map(ChapterAnswer.init)))
        }
    }
    // What is lost from here on, the relay sends.
    if let planned { try shop.transcriptions.send(TranscriptionMessage.plan(planned).text) }
    try shop.dress(book)
    return response
}
