public import Bookshop
internal import Cryptography
import Lambda
internal import Postgres
internal import Records

extension Shop {
    /// Makes what a book shows of itself out of its recording: a cover, if the recording carries one and the
    /// book has none, and a sample. Done already, it is not done again; what the recording does not give is
    /// left out.
    public func dress(_ book: Audiobook.ID) throws {
        let gaps = try database.transaction { try $0.windowGaps(of: book) }
        guard let gaps, let (track, sample) = gaps.sample else { return }
        do {
            if !gaps.hasCover { try takeCover(from: gaps.recording, for: book) }
            try cut(sample, from: track, for: book, by: nil)
        } catch let failure as OutsideFailure where failure.kind == .refused {
            log("shop window left as it was", ["audiobook": book, "reason": failure.word], level: .warning)
        }
    }

    private func takeCover(from recording: AudioAsset, for book: Audiobook.ID) throws {
        let url = try links.download(recording.bucket, recording.objectKey, nil, 900).url
        let largest: Picture?
        // A broken picture does not make a recording bad.
        do { largest = try pictures.embedded(url, CoverSize.large.rawValue) } catch let failure
            as OutsideFailure
            where failure.kind == .refused
        { largest = nil }
        guard let largest else { return }
        let covers = try stored(largest)
        try database.transaction(.readCommitted) { try $0.setCover(covers, of: book, by: nil) }
        log("cover taken from the recording", ["audiobook": book])
    }

    /// Cuts a sample as a file of its own and shows it.
    public func cut(_ sample: Sample, from track: Track, for book: Audiobook.ID, by editor: Editor.ID?) throws
    {
        let url = try links.download(track.asset.bucket, track.asset.objectKey, nil, 900).url
        let start = sample.startMilliseconds - track.span.startMilliseconds
        let recording = try audio.sample(
            url, Span(startMilliseconds: start, endMilliseconds: start + sample.durationMilliseconds))
        let file = try stored(recording.bytes, as: recording.mediaType, under: "s", ending: "mp3")
        try database.transaction(.readCommitted) { transaction in
            try transaction.setSample(sample, file, from: track.asset.id, of: book, by: editor)
        }
        log("sample cut", ["audiobook": book])
    }

    /// All sizes of a cover, made out of the largest of ours: the file it came from is read once. A picture
    /// that fits a size already stands for it.
    func stored(_ largest: Picture) throws -> [StoredPicture] {
        let original = try stored(largest.bytes, as: "image/jpeg", under: "c", ending: "jpg")
        let url = try links.download(original.bucket, original.objectKey, nil, 900).url
        return try CoverSize.allCases.map { size in
            guard max(largest.width, largest.height) > size.rawValue else {
                return StoredPicture(size, original, width: largest.width, height: largest.height)
            }
            let smaller = try pictures.fitted(url, size.rawValue)
            let file = try stored(smaller.bytes, as: "image/jpeg", under: "c", ending: "jpg")
            return StoredPicture(size, file, width: smaller.width, height: smaller.height)
        }
    }

    /// Under a name made of its bytes: stored twice it is stored once, and a name is never another's.
    private func stored(
        _ bytes: [UInt8], as mediaType: String, under folder: String, ending: String
    ) throws -> StoredFile {
        let sha256 = SHA256.hash(bytes)
        let key = "\(folder)/\(hexadecimal(sha256)).\(ending)"
        try storage.put(bucket, key, bytes, mediaType)
        return StoredFile(bucket: bucket, objectKey: key, sha256: sha256, bytes: bytes.count)
    }
}
