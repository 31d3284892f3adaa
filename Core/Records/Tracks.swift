public import Bookshop
public import Postgres

/// What a track says of itself, kept until it is put together with others.
private struct FoundTrack: Codable {
    let title: String?
    let chapters: [ChapterMark]
}

/// A file that was sent to be one of many.
private struct SentTrack: RowDecodable {
    let position: Int
    let upload: Upload.ID
    let ready: (asset: StoredAsset, file: RecordedFile)?

    init(_ row: borrowing Row) throws(PostgresError) {
        (position, upload) = (try row["position"], try row["upload_id"])
        guard let asset: AudioAsset.ID = try row["asset_id"] else {
            ready = nil
            return
        }
        let found: FoundTrack = try row.json("found")
        let duration: Int = try row["duration_ms"]
        ready = (
            StoredAsset(id: asset, duration: duration),
            RecordedFile(
                name: try row["file_name"], durationMilliseconds: duration, title: found.title,
                chapters: found.chapters)
        )
    }
}

extension Transaction {
    /// Keeps a checked file until it is put together with others. Said again, it changes nothing.
    public func accept(_ id: Upload.ID, asTrack probe: AudioProbe) throws {
        let upload = try lock(id)
        guard upload.state != .ready else { return }
        guard upload.state == .verifying else { throw UploadError.notVerifying(upload.state) }
        let asset = try store(upload, mediaType: probe.mediaType, probe)
        let found = try JSONText(encoding: FoundTrack(title: probe.title, chapters: probe.chapters))
        try run(
            """
            UPDATE production.uploads
            SET state = 'ready', asset_id = \(asset.id), found = \(found), ended_at = now() WHERE id = \(id)
            """)
        try emitReady(upload)
    }

    /// Makes an editor's tracks the recording of their book, in this order: an edition that replaces the one
    /// before, and a transcript to be made of it. The very files it plays already stay the edition they are.
    public func record(
        _ book: Audiobook.ID, from uploads: [Upload.ID], by editor: Editor.ID
    ) throws -> (edition: Edition.ID, transcript: Transcript.ID) {
        _ = try lock(book)
        guard !uploads.isEmpty else { throw RecordingError.none }
        guard uploads.count <= RecordedFile.maximumCount else { throw RecordingError.tooMany }
        let sent: [SentTrack] = try all(
            """
            SELECT position, upload.id AS upload_id, asset_id, file_name, found, asset.duration_ms
            FROM unnest(\(uploads)::uuid[]) WITH ORDINALITY AS wanted (id, position)
                JOIN production.uploads AS upload ON upload.id = wanted.id
                LEFT JOIN catalogue.assets AS asset ON asset.id = asset_id
            WHERE created_by = \(editor) AND audiobook_id = \(book) AND is_track AND removed_at IS NULL
            ORDER BY position
            """)
        var named: Set<Upload.ID> = []
        for index in uploads.indices {
            guard index < sent.count, sent[index].position == index + 1,
                named.insert(uploads[index]).inserted
            else { throw RecordingError.track(at: index) }
        }
        let ready = sent.compactMap(\.ready)
        guard ready.count == sent.count else {
            throw RecordingError.notReady(sent.filter { $0.ready == nil }.map(\.upload))
        }
        let assets = ready.map(\.asset), files = ready.map(\.file)
        guard assets.reduce(0, { $0 + $1.duration }) <= AudioProbe.maximumMilliseconds else {
            throw RecordingError.tooLong
        }
        if let standing = try standing(of: book, playing: assets.map(\.id)) {
            return (standing, try transcript(for: standing))
        }
        let source = files.contains { !$0.chapters.isEmpty } ? "embedded" : "per_file"
        let edition = try seal(assets, of: book, source: source) { _ in Chapter.joined(files) }
        try cancelWords(of: book, besides: edition)
        try audit(
            "edition.recorded", of: book.description, by: editor,
            after: ["edition": edition.description, "tracks": "\(files.count)"])
        return (edition, try transcript(for: edition))
    }
}
