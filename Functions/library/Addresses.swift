import Core

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
    let files = try tracks.map { track in
        try shop.opened(
            track,
            savedAs: action == .download ? "\(title) \(track.position).\(track.asset.fileExtension)" : nil)
    }
    return try Response(200, ["tracks": files], headers: ["cache-control": "no-store"])
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
