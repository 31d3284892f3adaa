import Core
import FoundationEssentials

let secondsOfALink = 3600

struct WantedParts: Decodable { let numbers: [Int] }

/// A part as it is to be sent: these bytes of the file, by this request.
struct SignedPart: Encodable {
    let number: Int
    let offset: Int
    let bytes: Int
    let method: String
    let url: String
    let headers: [String: String]
    let expiresAt: Date

    init(_ part: DeclaredPart, _ link: SignedRequest) {
        (number, offset, bytes) = (part.number, part.offset, part.bytes)
        (method, url, headers, expiresAt) = (link.method, link.url, link.headers, link.expiresAt)
    }
}

/// Parts are signed when they are about to be sent: all of a long file at once would expire before their turn.
func signParts(_ request: Request, by editor: Editing, in shop: Shop) throws -> Response {
    let numbers = try request.decoded(as: WantedParts.self).numbers
    let known = try shop.upload(request.id(), of: editor)
    let declared = try shop.database.transaction { try $0.parts(of: known) }
    let wanted = try declared.wanted(numbers)
    let upload = try shop.begun(known)
    guard upload.state == .uploading, let multipart = upload.multipart else {
        throw UploadError.notVerifying(upload.state)
    }
    let signed = try wanted.map { part in
        SignedPart(
            part, try shop.links.part(upload.bucket, upload.objectKey, multipart, part, secondsOfALink))
    }
    return try Response(200, ["parts": signed], headers: ["cache-control": "no-store"])
}

/// Said again it changes nothing, but that the storage is told again: a part that was on its way when it was
/// told first may have come after.
func abort(_ request: Request, by editor: Editing, in shop: Shop) throws -> Response {
    let id = try shop.upload(request.id(), of: editor).id
    let upload = try shop.database.transaction(.readCommitted) { try $0.abort(id) }
    if let multipart = upload.multipart {
        try shop.multipart.abort(upload.bucket, upload.objectKey, multipart)
    }
    log("upload given up", ["upload": id])
    return .noContent
}

extension Shop {
    /// Another editor's upload is none.
    func upload(_ id: Upload.ID, of editor: Editing) throws -> Upload {
        let upload = try database.transaction { try $0.upload(id, of: editor.id) }
        guard let upload else { throw Problem.notFound }
        return upload
    }

    /// The storage is told of an upload in parts before any is signed. Whoever was cut short tells it again
    /// when they ask again; what was begun and noted nowhere, the bucket's own rule ends.
    func begun(_ upload: Upload) throws -> Upload {
        guard upload.state == .created, upload.declared.layout != nil else { return upload }
        let multipart = try multipart.begin(upload.bucket, upload.objectKey, upload.declared.mediaType)
        let begun = try database.transaction(.readCommitted) {
            try $0.beginUploading(upload.id, as: multipart)
        }
        if begun.multipart != multipart {
            // Somebody else was quicker: theirs is the upload.
            try? self.multipart.abort(upload.bucket, upload.objectKey, multipart)
        }
        return begun
    }

    /// The numbers of the parts that need not be sent again, as long as any may be sent.
    func storedParts(of upload: Upload) throws -> [Int]? {
        upload.state == .uploading ? try parts(of: upload)?.kept.map(\.number) : nil
    }
}
