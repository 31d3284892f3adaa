public import Bookshop
internal import Cryptography
import FoundationEssentials
import Lambda
internal import Postgres
internal import Records

extension Shop {
    /// Looks at what was stored for an upload and makes it the book's recording, or rejects it with a reason.
    /// Said by the browser and by the storage, in either order and as often as they like, it comes to the
    /// same.
    ///
    /// Throws `Problem` of type `upload-absent` while nothing is stored; the upload stays open then.
    public func accept(_ id: Upload.ID) throws -> Upload {
        let known = try database.transaction { try $0.upload(id) }
        guard let known else { throw Problem.notFound }
        guard known.state.mayBeVerified else {
            // What came first may have been cut short before all was made of it.
            if known.state == .ready, known.declared.purpose == .recording { try dress(known.audiobook) }
            return known
        }
        guard let object = try storage.head(known.bucket, known.objectKey) else {
            throw Problem(409, "upload-absent", "Nothing is stored for this upload yet: send the file first.")
        }
        let upload = try database.transaction(.readCommitted) { try $0.beginVerifying(id) }
        guard upload.state == .verifying else { return upload }

        switch try verdict(on: object, of: upload) {
        case .rejected(let rejection):
            log("upload rejected", ["upload": id, "rejection": rejection.rawValue])
            try database.transaction(.readCommitted) { try $0.reject(id, as: rejection) }
        case .audio(let probe) where upload.declared.purpose == .track:
            try database.transaction(.readCommitted) { try $0.accept(id, asTrack: probe) }
            log("track accepted", ["upload": id])
        case .audio(let probe):
            let accepted = try database.transaction(.readCommitted) { try $0.accept(id, as: probe) }
            Metrics.add(.uploadsAccepted)
            log("upload accepted", ["upload": id, "edition": accepted.edition])
            try transcriptions.send(TranscriptionMessage.plan(accepted.transcript).text)
            try dress(accepted.audiobook)
        case .cover(let pictures, let mediaType):
            try database.transaction(.readCommitted) { transaction in
                try transaction.accept(id, asCover: pictures, mediaType: mediaType)
            }
            log("cover accepted", ["upload": id])
        }
        let ended = try database.transaction { try $0.upload(id) }
        guard let ended else { throw Problem.notFound }
        return ended
    }

    private enum Verdict {
        case rejected(Upload.Rejection)
        case audio(AudioProbe)
        case cover([StoredPicture], mediaType: String)
    }

    /// The bytes are held to what was declared before anything in them is read.
    private func verdict(on object: StoredObject, of upload: Upload) throws -> Verdict {
        guard object.bytes == upload.declared.bytes else { return .rejected(.sizeDiffers) }
        guard try isAsDeclared(object, upload) else { return .rejected(.checksumDiffers) }
        let url = try links.download(upload.bucket, upload.objectKey, nil, 900).url
        switch upload.declared.purpose {
        case .recording, .track: return try verdict(onRecording: url)
        case .cover: return try verdict(onPicture: url)
        }
    }

    private func verdict(onRecording url: String) throws -> Verdict {
        do {
            let probe = try audio.probe(url)
            return probe.rejection.map(Verdict.rejected) ?? .audio(probe)
        } catch let failure as OutsideFailure where failure.kind == .refused { return .rejected(.notAudio) }
    }

    /// A picture is one when it has been decoded to its end, and not when it begins like one.
    private func verdict(onPicture url: String) throws -> Verdict {
        do {
            let probe = try pictures.probe(url)
            if let rejection = probe.rejection { return .rejected(rejection) }
            let largest = try pictures.fitted(url, CoverSize.large.rawValue)
            return .cover(try stored(largest), mediaType: probe.mediaType)
        } catch let failure as OutsideFailure where failure.kind == .refused {
            return .rejected(failure.code == "picture-too-large" ? .pictureTooLarge : .notPicture)
        }
    }

    /// By what the storage computed as it took the bytes, where it is of the same kind as what was declared.
    private func isAsDeclared(_ object: StoredObject, _ upload: Upload) throws -> Bool {
        switch (upload.declared.checksum, object.sha256) {
        case (.whole(let declared), .whole(let digest)): return digest == declared
        case (.parts(let declared, _), .ofParts(let digest, _)): return digest == declared
        case (.whole(let declared), _):
            var hash = SHA256()
            try storage.read(upload.bucket, upload.objectKey) { hash.update($0) }
            return hash.digest() == declared
        case (.parts(let declared, let partBytes), _):
            var hash = HashOfParts(partBytes: partBytes)
            try storage.read(upload.bucket, upload.objectKey) { hash.update($0) }
            return hash.digest() == declared
        }
    }
}

extension TranscriptionMessage {
    /// As it travels in the queue: the same message is always the same text.
    public var text: String {
        get throws {
            let encoder = JSONEncoder()
            encoder.outputFormatting = .sortedKeys
            return String(decoding: try encoder.encode(self), as: UTF8.self)
        }
    }
}
