// POST /uploads: permission to send one recording straight to the storage · GET /uploads/{id}: how it stands
//
// Asked twice under one Idempotency-Key it is the same upload, with a link that is signed anew. The signature
// fixes the size, the type and the SHA-256 of what may be sent.

import Core
import FoundationEssentials

struct NewUpload: Decodable {
    let audiobookId: Audiobook.ID
    let fileName: String
    let contentType: String
    let bytes: Int
    let sha256: String
}

struct UploadAnswer: Encodable {
    let id: Upload.ID
    let audiobookId: Audiobook.ID
    let state: Upload.State
    let rejection: Upload.Rejection?
    /// Only as long as the file may be sent.
    let put: SignedRequestAnswer?
}

func presign(_ request: Request, in shop: Shop) throws -> Response {
    let editor = try shop.identity.editor(request)
    try request.refuseUnknownQuery()
    guard request.route == "POST /api/v1/uploads" else { return try show(request, to: editor, in: shop) }

    try shop.limit(request, .uploads, of: editor.id)
    let key = try request.idempotencyKey
    let wish = try request.decoded(as: NewUpload.self)
    let file = try DeclaredFile(
        name: wish.fileName, mediaType: wish.contentType, bytes: wish.bytes, sha256: hexadecimal(wish.sha256))
    let upload = try shop.database.transaction { transaction in
        try transaction.requestUpload(
            of: file, for: wish.audiobookId, by: editor.id, under: key, to: shop.bucket,
            expiresAt: shop.now().addingTimeInterval(24 * 3600))
    }
    let put =
        try upload.state == .created
        ? shop.links.upload(upload.bucket, upload.objectKey, upload.declared, 3600) : nil
    return try answer(upload, 201, put)
}

func show(_ request: Request, to editor: Editing, in shop: Shop) throws -> Response {
    let id: Upload.ID = try request.id()
    let upload = try shop.database.transaction { try $0.upload(id, of: editor.id) }
    guard let upload else { throw Problem.notFound }
    return try answer(upload, 200, nil)
}

func answer(_ upload: Upload, _ status: Int, _ put: SignedRequest?) throws -> Response {
    let answer = UploadAnswer(
        id: upload.id, audiobookId: upload.audiobook, state: upload.state, rejection: upload.rejection,
        put: put.map(SignedRequestAnswer.init))
    return try Response(status, answer, headers: ["cache-control": "no-store"])
}

Lambda.serve({ try Shop.live() }, http: presign)
