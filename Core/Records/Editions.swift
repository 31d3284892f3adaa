public import Bookshop
public import Postgres

extension Transaction {
    /// Makes a checked file the recording of its book: an asset, an edition that replaces the one before, its
    /// track and chapters, and a transcript to be made of it. Said again, by whoever, it answers the same.
    public func accept(_ id: Upload.ID, as probe: AudioProbe, sha256: [UInt8]) throws -> AcceptedUpload {
        let upload = try lock(id)
        if upload.state == .ready, let edition = upload.edition {
            return AcceptedUpload(
                audiobook: upload.audiobook, edition: edition, transcript: try firstTranscript(of: id))
        }
        guard upload.state == .verifying else { throw UploadError.notVerifying(upload.state) }

        let asset = try store(upload, sha256, mediaType: probe.mediaType, probe)
        // The very file it plays already is no other edition: its chapters may have been corrected since.
        let edition =
            try standing(of: upload.audiobook, playing: asset) ?? seal(asset, probe, as: upload.audiobook)
        try run(
            """
            UPDATE production.uploads
            SET state = 'ready', asset_id = \(asset), edition_id = \(edition), ended_at = now()
            WHERE id = \(id)
            """)
        // Nobody pays for the words of an edition that is gone before they were written.
        try run(
            """
            UPDATE production.transcripts SET state = 'cancelled', failure = NULL
            WHERE state IN ('planned', 'running', 'failed') AND edition_id IN (
                SELECT id FROM catalogue.editions
                WHERE audiobook_id = \(upload.audiobook) AND id <> \(edition))
            """)
        let accepted = AcceptedUpload(
            audiobook: upload.audiobook, edition: edition, transcript: try transcript(for: edition))
        try emit(
            .uploadReady, about: id.description, once: id.description,
            [
                "upload": id.description, "audiobook": accepted.audiobook.description,
                "edition": edition.description, "transcript": accepted.transcript.description,
            ])
        return accepted
    }

    /// Makes pictures the cover of an upload's book. Said again, by whoever, it changes nothing.
    public func accept(
        _ id: Upload.ID, asCover pictures: [StoredPicture], mediaType: String
    ) throws {
        let upload = try lock(id)
        guard upload.state != .ready else { return }
        guard upload.state == .verifying else { throw UploadError.notVerifying(upload.state) }
        let asset = try store(upload, upload.declared.sha256, mediaType: mediaType, nil)
        try setCover(pictures, of: upload.audiobook, by: upload.editor)
        try run(
            """
            UPDATE production.uploads SET state = 'ready', asset_id = \(asset), ended_at = now() WHERE id = \(id)
            """)
        try emit(
            .uploadReady, about: id.description, once: id.description,
            ["upload": id.description, "audiobook": upload.audiobook.description])
    }

    /// The same bytes are one asset, wherever they were sent.
    private func store(
        _ upload: Upload, _ sha256: [UInt8], mediaType: String, _ probe: AudioProbe?
    ) throws -> AudioAsset.ID {
        try run(
            """
            INSERT INTO catalogue.assets (sha256, bytes, media_type, codec, bits_per_second, sample_rate,
                duration_ms, bucket, object_key, visibility)
            VALUES (\(sha256), \(upload.declared.bytes), \(mediaType), \(probe?.codec),
                \(probe?.bitsPerSecond), \(probe?.sampleRate), \(probe?.durationMilliseconds),
                \(upload.bucket), \(upload.objectKey), 'private')
            ON CONFLICT (sha256, visibility) DO NOTHING
            """)
        return try only(
            "SELECT id FROM catalogue.assets WHERE sha256 = \(sha256) AND visibility = 'private'")
    }

    private func standing(of book: Audiobook.ID, playing asset: AudioAsset.ID) throws -> Edition.ID? {
        _ = try lock(book)
        return try value(
            """
            SELECT current_edition_id FROM catalogue.audiobooks AS book
            WHERE id = \(book) AND (SELECT array_agg(asset_id) FROM catalogue.tracks
                WHERE edition_id = current_edition_id) = ARRAY[\(asset)]::uuid[]
            """)
    }

    /// The one that is there or being made, or else one to be made.
    private func transcript(for edition: Edition.ID) throws -> Transcript.ID {
        let standing: Transcript.ID? = try value(
            """
            SELECT id FROM production.transcripts
            WHERE edition_id = \(edition) AND state NOT IN ('cancelled', 'superseded')
            ORDER BY created_at DESC LIMIT 1
            """)
        if let standing { return standing }
        return try only(
            """
            INSERT INTO production.transcripts (edition_id, language)
            SELECT id, language FROM (
                SELECT edition.id, language FROM catalogue.editions AS edition
                    JOIN catalogue.audiobooks AS book ON book.id = audiobook_id
                WHERE edition.id = \(edition)) AS recorded
            RETURNING id
            """)
    }

    private func seal(
        _ asset: AudioAsset.ID, _ probe: AudioProbe, as book: Audiobook.ID
    ) throws -> Edition.ID {
        let title: String = try only("SELECT title FROM catalogue.audiobooks WHERE id = \(book)")
        // An asset that was there before keeps the duration it was found to have then.
        let duration: Int = try only("SELECT duration_ms FROM catalogue.assets WHERE id = \(asset)")
        let edition: Edition.ID = try only(
            """
            INSERT INTO catalogue.editions (audiobook_id, number, duration_ms)
            SELECT \(book), COALESCE(max(number), 0) + 1, \(duration)
            FROM catalogue.editions WHERE audiobook_id = \(book)
            RETURNING id
            """)
        try run(
            """
            INSERT INTO catalogue.tracks (edition_id, position, asset_id, start_ms, duration_ms)
            VALUES (\(edition), 1, \(asset), 0, \(duration))
            """)
        let chapters = Chapter.tiling(probe.chapters, durationMilliseconds: duration, bookTitle: title)
        try write(chapters, of: edition, source: probe.chapters.isEmpty ? "per_file" : "embedded")
        try run("UPDATE catalogue.editions SET sealed_at = now() WHERE id = \(edition)")
        try run("UPDATE catalogue.audiobooks SET current_edition_id = \(edition) WHERE id = \(book)")
        try touch(book)
        return edition
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
