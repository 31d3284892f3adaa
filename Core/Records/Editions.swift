public import Bookshop
public import Postgres

extension Transaction {
    /// Makes a checked file the recording of its book: an asset, an edition that replaces the one before, its
    /// track and chapters, and a transcript to be made of it. Said again, by whoever, it answers the same.
    public func accept(_ id: Upload.ID, as probe: AudioProbe, sha256: [UInt8]) throws -> AcceptedUpload {
        let upload = try lock(id)
        if upload.state == .ready, let edition = upload.edition {
            return AcceptedUpload(
                audiobook: upload.audiobook, edition: edition, transcript: try firstTranscript(of: edition))
        }
        guard upload.state == .verifying else { throw UploadError.notVerifying(upload.state) }

        let asset = try store(upload, probe, sha256)
        let edition = try seal(asset, probe, as: upload.audiobook)
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
        let transcript: Transcript.ID = try only(
            """
            INSERT INTO production.transcripts (edition_id, language)
            SELECT \(edition), language FROM catalogue.audiobooks WHERE id = \(upload.audiobook)
            RETURNING id
            """)
        let accepted = AcceptedUpload(
            audiobook: upload.audiobook, edition: edition, transcript: transcript)
        try emit(
            .uploadReady, about: id.description, once: id.description,
            [
                "upload": id.description, "audiobook": accepted.audiobook.description,
                "edition": edition.description, "transcript": transcript.description,
            ])
        return accepted
    }

    /// The same bytes are one asset, wherever they were sent.
    private func store(_ upload: Upload, _ probe: AudioProbe, _ sha256: [UInt8]) throws -> AudioAsset.ID {
        try run(
            """
            INSERT INTO catalogue.assets (sha256, bytes, media_type, codec, bits_per_second, sample_rate,
                duration_ms, bucket, object_key, visibility)
            VALUES (\(sha256), \(upload.declared.bytes), \(probe.mediaType), \(probe.codec),
                \(probe.bitsPerSecond), \(probe.sampleRate), \(probe.durationMilliseconds), \(upload.bucket),
                \(upload.objectKey), 'private')
            ON CONFLICT (sha256) DO NOTHING
            """)
        return try only("SELECT id FROM catalogue.assets WHERE sha256 = \(sha256)")
    }

    private func seal(
        _ asset: AudioAsset.ID, _ probe: AudioProbe, as book: Audiobook.ID
    ) throws -> Edition.ID {
        let title: String = try only(
            "SELECT title FROM catalogue.audiobooks WHERE id = \(book) FOR UPDATE")
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
        try run(
            """
            INSERT INTO catalogue.chapters (edition_id, position, title, start_ms, end_ms, source)
            SELECT \(edition), position, title, start_ms, end_ms,
                \(probe.chapters.isEmpty ? "per_file" : "embedded")
            FROM unnest(\(chapters.map(\.title))::text[], \(chapters.map(\.span.startMilliseconds))::bigint[],
                    \(chapters.map(\.span.endMilliseconds))::bigint[])
                WITH ORDINALITY AS chapter (title, start_ms, end_ms, position)
            """)
        try run("UPDATE catalogue.editions SET sealed_at = now() WHERE id = \(edition)")
        try run("UPDATE catalogue.audiobooks SET current_edition_id = \(edition) WHERE id = \(book)")
        try touch(book)
        return edition
    }

    private func firstTranscript(of edition: Edition.ID) throws -> Transcript.ID {
        try only(
            """
            SELECT id FROM production.transcripts WHERE edition_id = \(edition) ORDER BY created_at LIMIT 1
            """)
    }
}
