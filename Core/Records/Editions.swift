public import Bookshop
public import Postgres

extension Transaction {
    /// Makes a checked file the recording of its book: an asset, an edition that replaces the one before, its
    /// track and chapters, and a transcript to be made of it. Said again, by whoever, it answers the same.
    public func accept(_ id: Upload.ID, as probe: AudioProbe) throws -> AcceptedUpload {
        let upload = try lock(id)
        if upload.state == .ready, let edition = upload.edition {
            return AcceptedUpload(
                audiobook: upload.audiobook, edition: edition, transcript: try firstTranscript(of: id))
        }
        guard upload.state == .verifying else { throw UploadError.notVerifying(upload.state) }

        let asset = try store(upload, mediaType: probe.mediaType, probe)
        // The very file it plays already is no other edition: its chapters may have been corrected since.
        let edition =
            try standing(of: upload.audiobook, playing: [asset.id])
            ?? seal([asset], of: upload.audiobook, source: probe.chapters.isEmpty ? "per_file" : "embedded") {
                Chapter.tiling(probe.chapters, durationMilliseconds: asset.duration, bookTitle: $0)
            }
        try run(
            """
            UPDATE production.uploads
            SET state = 'ready', asset_id = \(asset.id), edition_id = \(edition), ended_at = now()
            WHERE id = \(id)
            """)
        try cancelWords(of: upload.audiobook, besides: edition)
        let accepted = AcceptedUpload(
            audiobook: upload.audiobook, edition: edition, transcript: try transcript(for: edition))
        try emitReady(
            upload, with: ["edition": edition.description, "transcript": accepted.transcript.description])
        return accepted
    }

    /// Makes pictures the cover of an upload's book. Said again, by whoever, it changes nothing.
    public func accept(
        _ id: Upload.ID, asCover pictures: [StoredPicture], mediaType: String
    ) throws {
        let upload = try lock(id)
        guard upload.state != .ready else { return }
        guard upload.state == .verifying else { throw UploadError.notVerifying(upload.state) }
        let asset = try store(upload, mediaType: mediaType, nil)
        try setCover(pictures, of: upload.audiobook, by: upload.editor)
        try run(
            """
            UPDATE production.uploads SET state = 'ready', asset_id = \(asset.id), ended_at = now()
            WHERE id = \(id)
            """)
        try emitReady(upload)
    }

    /// Corrected chapters may have made another edition of the same file since, which has the words now.
    private func firstTranscript(of upload: Upload.ID) throws -> Transcript.ID {
        try only(
            """
            SELECT transcript.id
            FROM production.uploads AS upload
                JOIN catalogue.tracks AS track ON track.asset_id = upload.asset_id
                JOIN catalogue.editions AS edition
                    ON edition.id = track.edition_id AND edition.audiobook_id = upload.audiobook_id
                JOIN production.transcripts AS transcript ON transcript.edition_id = edition.id
            WHERE upload.id = \(upload) ORDER BY transcript.created_at LIMIT 1
            """)
    }
}
