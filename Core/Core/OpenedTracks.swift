public import Bookshop
internal import FoundationEssentials

/// How long an address is good for, and when a player asks for the next.
private let secondsOfAnAddress = 900
private let secondsToRenewal = secondsOfAnAddress * 4 / 5

/// One file, where in the book it plays, and where it can be read until `expiresAt`.
public struct OpenedTrack: Encodable {
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

extension Shop {
    /// A file to be played, or to be saved under a name.
    public func opened(_ track: Track, savedAs fileName: String? = nil) throws -> OpenedTrack {
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
