import Core
import FoundationEssentials

/// What an editor says of a file before it is sent: its SHA-256, or that of each of its parts.
struct NewUpload: Decodable {
    let audiobookId: Audiobook.ID
    let fileName: String
    let contentType: String
    let bytes: Int
    let purpose: DeclaredFile.Purpose?
    let sha256: String?
    let parts: NewParts?

    struct NewParts: Decodable {
        let bytes: Int
        let sha256: [String]
    }

    func declared() throws -> (file: DeclaredFile, parts: DeclaredParts?) {
        switch (sha256, parts) {
        case (let sha256?, nil):
            let file = try DeclaredFile(
                name: fileName, mediaType: contentType, bytes: bytes, checksum: .whole(hexadecimal(sha256)),
                purpose: purpose)
            return (file, nil)
        case (nil, let new?):
            let parts = try DeclaredParts(
                fileBytes: bytes, partBytes: new.bytes, sha256s: new.sha256.map { hexadecimal($0) })
            let file = try DeclaredFile(
                name: fileName, mediaType: contentType, parts: parts, purpose: purpose)
            return (file, parts)
        default: throw Problem.invalid("/sha256", "either this, or the parts")
        }
    }
}

/// How an upload stands.
struct UploadAnswer: Encodable {
    let id: Upload.ID
    let audiobookId: Audiobook.ID
    let purpose: DeclaredFile.Purpose
    let state: Upload.State
    let expiresAt: Date
    let rejection: Upload.Rejection?
    /// Only as long as the file may be sent.
    let put: SignedRequestAnswer?
    let parts: PartsAnswer?

    init(_ upload: Upload, put: SignedRequest? = nil, stored: [Int]? = nil) {
        (id, audiobookId, state) = (upload.id, upload.audiobook, upload.state)
        (purpose, expiresAt) = (upload.declared.purpose, upload.expiresAt)
        (rejection, self.put) = (upload.rejection, put.map(SignedRequestAnswer.init))
        parts = upload.declared.layout.map { layout in
            PartsAnswer(bytes: layout.partBytes, count: layout.count, stored: stored)
        }
    }

    /// A link is a permission: nobody keeps it.
    func response(_ status: Int) throws -> Response {
        try Response(status, self, headers: ["cache-control": "no-store"])
    }
}

/// How a file is cut, and the numbers of the parts that are there as they were declared.
struct PartsAnswer: Encodable {
    let bytes: Int
    let count: Int
    let stored: [Int]?
}
