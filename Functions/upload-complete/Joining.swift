import Core

struct MissingParts: Encodable { let missing: [Int] }

extension Shop {
    /// Makes one object of the parts that were sent, and answers the numbers of those that are missing: then
    /// nothing was made. What the storage holds counts, and not what a client says.
    ///
    /// Whoever asks while another does, or after an answer that was lost, finds the storage knowing no such
    /// upload: then the object is there.
    func join(_ upload: Upload) throws -> [Int] {
        guard [.uploading, .completing].contains(upload.state),
            let (declared, kept, name) = try parts(of: upload)
        else { return [] }
        let missing = declared.missing(besides: kept)
        guard missing.isEmpty else { return missing }

        let mayJoin = try database.transaction(.readCommitted) { try $0.beginCompleting(upload.id) }
        // Given up meanwhile, or there by another's doing.
        guard mayJoin else { return [] }
        do { _ = try multipart.join(upload.bucket, upload.objectKey, name, kept) } catch let failure
            as OutsideFailure
        {
            log("parts not joined", ["upload": upload.id, "reason": failure.word], level: .warning)
            try database.transaction(.readCommitted) { try $0.reopen(upload.id) }
            // The answer may be lost and the object made.
            guard try storage.head(upload.bucket, upload.objectKey) != nil else { throw failure }
        }
        return []
    }
}
