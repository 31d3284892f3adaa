import Core
import EPUB
import World

extension Shop {
    /// Makes the file and sends it to the storage; answers how large it is.
    func sent(_ export: ClaimedExport) throws -> Int {
        if let leftover = export.leftover {
            try multipart.abort(export.bucket, export.objectKey, leftover)
        }
        let name = try multipart.begin(export.bucket, export.objectKey, export.format.mediaType)
        try database.transaction(.readCommitted) { try $0.note(parts: name, of: export) }
        let sender = PartsSender(
            multipart, bucket: export.bucket, objectKey: export.objectKey, name: name)
        let sources = try export.tracks.map { track in
            SoundSource(
                url: try links.download(track.asset.bucket, track.asset.objectKey, nil, 1800).url,
                durationMilliseconds: track.span.durationMilliseconds)
        }
        let cover = try cover(of: export)
        switch export.format {
        case .m4b:
            try bindery.bind(sources, export.chapters, export.labels, cover) { try $0.read(sender.send) }
        case .epub:
            guard !export.phrases.isEmpty else {
                throw OutsideFailure("export", .refused, code: "no-words", reason: "the text is gone")
            }
            try bindery.split(sources, export.chapters) { sounds, kind in
                let publication = Publication(
                    id: export.audiobook, export.labels, chapters: export.chapters, phrases: export.phrases,
                    sounds: sounds, of: kind, cover: cover, modified: now())
                try publication.write(sender.send)
            }
        }
        return try sender.finish()
    }

    private func cover(of export: ClaimedExport) throws -> [UInt8]? {
        guard let cover = export.cover else { return nil }
        var bytes: [UInt8] = []
        try storage.read(cover.bucket, cover.objectKey) { bytes += $0 }
        return bytes.isEmpty ? nil : bytes
    }

    /// It is sent again by the relay. What was refused would be refused again.
    func giveBack(_ export: ClaimedExport, because failure: String, isFinal: Bool) throws {
        let isLast = try database.transaction(.readCommitted) { transaction in
            try transaction.fail(export, because: failure, isFinal: isFinal)
        }
        log(
            "export failed", ["export": export.id, "reason": failure, "last": isLast], level: .warning)
    }
}
