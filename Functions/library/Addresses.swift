import Core
import FoundationEssentials

/// How long an address is good for, and when a player asks for the next.
private let secondsOfAnAddress = 900
private let secondsToRenewal = secondsOfAnAddress * 4 / 5

/// One file, where in the book it plays, and where it can be read until `expiresAt`.
struct OpenedTrack: Encodable {
    let position: Int
    let startMilliseconds: Int
    let endMilliseconds: Int
    let bytes: Int
    /// Of the whole; of a file that came in parts nobody has computed it.
    let sha256: String?
    let sha256OfParts: SHA256OfParts?
    let contentType: String
    let url: String
    let renewAt: Date
    let expiresAt: Date
}

/// The SHA-256 of the SHA-256s of the parts: each has so many bytes, but that the last is what is left.
struct SHA256OfParts: Encodable {
    let partBytes: Int
    let value: String

    init?(_ checksum: FileChecksum) {
        guard let partBytes = checksum.partBytes else { return nil }
        (self.partBytes, value) = (partBytes, hexadecimal(checksum.digest))
    }
}

func open(
    _ request: Request, for action: AccessRecord.Action, by customer: Principal, in shop: Shop
) throws -> Response {
    let book: Audiobook.ID = try request.id()
    let (title, tracks) = try shop.database.transaction { transaction in
        let entitlement = try transaction.entitlement(of: customer.id, to: book)
        guard let item = try transaction.libraryItem(book, of: customer.id),
            let edition = try transaction.currentEdition(of: book)
        else { throw AccessError.noSuchBook }
        let tracks = try transaction.tracks(of: edition)
        for track in tracks {
            try transaction.record(
                AccessRecord(
                    entitlement: entitlement.id, asset: track.asset.id, action: action, ip: request.sourceIP,
                    userAgent: request.userAgent))
        }
        return (item.title, tracks)
    }
    let files = try tracks.map { try shop.openedTrack($0, of: title, for: action) }
    return try Response(200, ["tracks": files], headers: ["cache-control": "no-store"])
}

extension Shop {
    func openedTrack(_ track: Track, of title: String, for action: AccessRecord.Action) throws -> OpenedTrack
    {
        let fileName = action == .download ? "\(title) \(track.position).\(track.asset.fileExtension)" : nil
        let link = try links.download(
            track.asset.bucket, track.asset.objectKey, fileName, secondsOfAnAddress)
        return OpenedTrack(
            position: track.position, startMilliseconds: track.span.startMilliseconds,
            endMilliseconds: track.span.endMilliseconds, bytes: track.asset.bytes,
            sha256: track.asset.checksum.partBytes == nil ? hexadecimal(track.asset.checksum.digest) : nil,
            sha256OfParts: SHA256OfParts(track.asset.checksum), contentType: track.asset.mediaType,
            url: link.url,
            renewAt: link.expiresAt.addingTimeInterval(Double(secondsToRenewal - secondsOfAnAddress)),
            expiresAt: link.expiresAt)
    }
}

extension AudioAsset {
    fileprivate var fileExtension: String {
        switch mediaType {
        case "audio/mpeg": "mp3"
        case "audio/mp4", "audio/x-m4b": "m4b"
        case "audio/x-m4a": "m4a"
        case "audio/aac": "aac"
        case "audio/flac": "flac"
        case "audio/ogg": "ogg"
        default: "wav"
        }
    }
}
