// A file has arrived: POST /uploads/{id}/complete says so, and so does the storage itself; of one that nobody could
// look at then, the bus tells again. What is made of files: POST /audiobooks/{id}/editions, of many · PUT
// /audiobooks/{id}/sample, what is cut out for the shop window.
//
// Of a file that came in parts, the word also makes them one. Whoever comes first has it checked, made the
// book's recording and put in line for transcription; whoever comes second, or again, finds it done.

import Core
import FoundationEssentials
import World

struct CompletedUpload: Encodable {
    let id: Upload.ID
    let audiobookId: Audiobook.ID
    let state: Upload.State
    let editionId: Edition.ID?
}

func uploadComplete(_ request: Request, in shop: Shop) throws -> Response {
    switch request.route {
    case "POST /api/v1/uploads/{id}/complete": try complete(request, in: shop)
    case "POST /api/v1/audiobooks/{id}/editions": try record(request, in: shop)
    case "PUT /api/v1/audiobooks/{id}/sample": try chooseSample(request, in: shop)
    default: throw Problem.notFound
    }
}

func complete(_ request: Request, in shop: Shop) throws -> Response {
    let editor = try shop.identity.editor(request)
    let id: Upload.ID = try request.id()
    let own = try shop.database.transaction { try $0.upload(id, of: editor.id) }
    guard let own else { throw Problem.notFound }

    let missing = try shop.join(own)
    guard missing.isEmpty else {
        let problem = Problem(
            409, "parts-missing", "Not all parts are there as they were declared: send these.")
        return try Response(problem, of: request, telling: MissingParts(missing: missing))
    }
    let upload = try shop.accept(id)
    shop.publishSoon()
    if let rejection = upload.rejection { throw UploadRejected(reason: rejection) }
    guard ![.aborted, .expired].contains(upload.state) else { throw UploadError.notVerifying(upload.state) }
    return try Response(
        200,
        CompletedUpload(
            id: upload.id, audiobookId: upload.audiobook, state: upload.state, editionId: upload.edition))
}

/// The storage tells of every object; those that are no upload of ours are none of our business.
func objectStored(_ record: StorageRecord, in shop: Shop) throws {
    guard record.eventName.hasPrefix("ObjectCreated"), record.bucket == shop.bucket,
        let id = Upload.id(ofObjectKey: record.key)
    else { return log("event of another object passed over") }
    let upload = try shop.database.transaction { try $0.upload(at: record.key, in: record.bucket) }
    guard upload != nil else { return log("event of an unknown upload passed over", ["upload": id]) }
    _ = try shop.accept(id)
    shop.publishSoon()
}

Lambda.serve(
    { try Shop.live().reaching(.storage, .audio, .pictures, .transcriptions, .events) }, http: uploadComplete,
    storage: objectStored, bus: resume)
