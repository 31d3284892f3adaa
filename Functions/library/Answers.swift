import Core
import FoundationEssentials

struct OwnedBook: Encodable {
    let audiobookId: Audiobook.ID
    let slug: Slug
    let title: String
    let subtitle: String?
    let authors: [String]
    let narrators: [String]
    let durationMilliseconds: Int
    let ownedSince: Date

    init(_ item: LibraryItem) {
        (audiobookId, slug, title, subtitle) = (item.audiobook, item.slug, item.title, item.subtitle)
        (authors, narrators) = (item.authors, item.narrators)
        (durationMilliseconds, ownedSince) = (item.durationMilliseconds, item.ownedSince)
    }
}

struct OwnedPage: Encodable {
    let book: OwnedBook
    let chapters: [ChapterAnswer]
}

/// One file, where in the book it plays, and where it can be read until `expiresAt`.
struct OpenedTrack: Encodable {
    let position: Int
    let startMilliseconds: Int
    let endMilliseconds: Int
    let bytes: Int
    let sha256: String
    let contentType: String
    let url: String
    let expiresAt: Date
}

extension Shop {
    func openedTrack(_ track: Track, of title: String, for action: AccessRecord.Action) throws -> OpenedTrack
    {
        let fileName = action == .download ? "\(title) \(track.position).\(track.asset.fileExtension)" : nil
        let link = try links.download(track.asset.bucket, track.asset.objectKey, fileName, 900)
        return OpenedTrack(
            position: track.position, startMilliseconds: track.span.startMilliseconds,
            endMilliseconds: track.span.endMilliseconds, bytes: track.asset.bytes,
            sha256: hexadecimal(track.asset.sha256), contentType: track.asset.mediaType, url: link.url,
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
