// POST /uploads: permission to send one file straight to the storage, whole or in parts
// POST /uploads/{id}/parts: links to send some of its parts · GET /uploads/{id}: how it stands, and which
// parts are there · DELETE /uploads/{id}: give it up
//
// Asked twice under one Idempotency-Key it is the same upload, with a link that is signed anew. The signature
// fixes the size, the type and the SHA-256 of what may be sent. To go on after a break, on any machine, is to
// ask how it stands and to have the missing parts signed; to sign a part again changes nothing.

import Core
import FoundationEssentials
import World

func presign(_ request: Request, in shop: Shop) throws -> Response {
    let editor = try shop.identity.editor(request)
    try request.refuseUnknownQuery()
    switch request.route {
    case "POST /api/v1/uploads": return try requestUpload(request, by: editor, in: shop)
    case "POST /api/v1/uploads/{id}/parts": return try signParts(request, by: editor, in: shop)
    case "GET /api/v1/uploads/{id}": return try show(request, to: editor, in: shop)
    case "DELETE /api/v1/uploads/{id}": return try abort(request, by: editor, in: shop)
    default: throw Problem.notFound
    }
}

func requestUpload(_ request: Request, by editor: Editing, in shop: Shop) throws -> Response {
    try shop.limit(request, .uploads, of: editor.id)
    let key = try request.idempotencyKey
    let wish = try request.decoded(as: NewUpload.self)
    let (file, parts) = try wish.declared()
    let upload = try shop.database.transaction { transaction in
        try transaction.requestUpload(
            of: file, in: parts, for: wish.audiobookId, by: editor.id, under: key, to: shop.bucket,
            expiresAt: shop.now().addingTimeInterval(Upload.seconds(for: file)))
    }
    let begun = try shop.begun(upload)
    let put =
        try begun.state == .created
        ? shop.links.upload(begun.bucket, begun.objectKey, begun.declared, secondsOfALink) : nil
    return try UploadAnswer(begun, put: put).response(201)
}

func show(_ request: Request, to editor: Editing, in shop: Shop) throws -> Response {
    let upload = try shop.upload(request.id(), of: editor)
    return try UploadAnswer(upload, stored: shop.storedParts(of: upload)).response(200)
}

Lambda.serve({ try Shop.live().reaching(.storage) }, http: presign)
