public import Bookshop
public import Postgres

/// What a book's shop window still lacks.
public struct WindowGaps: Sendable {
    public let hasCover: Bool
    /// The file a sample is to be cut from, and where in the book, unless there is one of it already.
    public let sample: (track: Track, sample: Sample)?
    /// Where the recording is, in which a cover may be.
    public let recording: AudioAsset
}

private struct WindowRow: RowDecodable {
    let edition: Edition.ID
    let duration: Int
    let hasCover: Bool
    let source: AudioAsset.ID?
    let chosenStart: Int?

    init(_ row: borrowing Row) throws(PostgresError) {
        (edition, duration) = (try row["current_edition_id"], try row["duration_ms"])
        (hasCover, source) = (try row["has_cover"], try row["sample_source_id"])
        chosenStart = try row["chosen_start_ms"]
    }
}

extension Transaction {
    /// What is to be made out of the recording a book has now; nothing if it has none. A sample of an earlier
    /// recording is replaced, from where an editor chose if the new one reaches that far.
    public func windowGaps(of book: Audiobook.ID) throws -> WindowGaps? {
        let row: WindowRow? = try first(
            """
            SELECT current_edition_id, duration_ms, cover_asset_id IS NOT NULL AS has_cover, sample_source_id,
                CASE WHEN sample_chosen_by IS NOT NULL THEN sample_start_ms END AS chosen_start_ms
            FROM catalogue.audiobooks AS book JOIN catalogue.editions AS edition ON edition.id = current_edition_id
            WHERE book.id = \(book)
            """)
        guard let row else { return nil }
        let tracks = try tracks(of: row.edition)
        guard let first = tracks.first else { return nil }
        var missing: (track: Track, sample: Sample)?
        if !tracks.contains(where: { $0.asset.id == row.source }) {
            let usual = Sample.start(in: try chapters(of: row.edition), durationMilliseconds: row.duration)
            for start in [row.chosenStart, usual].compactMap(\.self) where missing == nil {
                missing =
                    tracks.lazy.compactMap { track in
                        Sample(of: track, from: start).map { (track: track, sample: $0) }
                    }.first
            }
        }
        return WindowGaps(hasCover: row.hasCover, sample: missing, recording: first.asset)
    }

    /// The track a sample from this moment on is cut from; nil where less than a second would be left.
    public func sample(
        of book: Audiobook.ID, from start: Int
    ) throws -> (track: Track, sample: Sample)? {
        guard try only("SELECT EXISTS (SELECT 1 FROM catalogue.audiobooks WHERE id = \(book))") else {
            throw CatalogueError.noSuchBook
        }
        guard let edition = try currentEdition(of: book) else { throw CatalogueError.noRecording }
        for track in try tracks(of: edition) {
            if let sample = Sample(of: track, from: start) { return (track, sample) }
        }
        return nil
    }

    /// Makes a file the sample of a book, unless the recording it was cut from is no longer the book's.
    /// Without an editor it is the shop's own choice, which gives way to one that is there.
    public func setSample(
        _ sample: Sample, _ file: StoredFile, from source: AudioAsset.ID, of book: Audiobook.ID,
        by editor: Editor.ID?
    ) throws {
        _ = try lock(book)
        let asset: AudioAsset.ID = try store(
            file, mediaType: "audio/mpeg", codec: "mp3", durationMilliseconds: sample.durationMilliseconds)
        let isSet = try run(
            """
            UPDATE catalogue.audiobooks AS book
            SET sample_asset_id = \(asset), sample_source_id = \(source),
                sample_start_ms = \(sample.startMilliseconds),
                sample_chosen_by = COALESCE(\(editor)::uuid,
                    CASE WHEN sample_start_ms = \(sample.startMilliseconds) THEN sample_chosen_by END)
            WHERE id = \(book) AND EXISTS (SELECT 1 FROM catalogue.tracks
                    WHERE edition_id = current_edition_id AND tracks.asset_id = \(source))
                AND (\(editor)::uuid IS NOT NULL OR sample_source_id IS DISTINCT FROM \(source)::uuid)
            """)
        guard isSet == 1 else { return }
        if let editor {
            try audit(
                "sample.chosen", of: book.description, by: editor,
                after: ["startMilliseconds": sample.startMilliseconds])
        }
        try touch(book)
    }

    /// Makes pictures of all sizes the cover of a book. What its recording carried, which nobody chose, is
    /// taken only where there is none.
    public func setCover(_ pictures: [StoredPicture], of book: Audiobook.ID, by editor: Editor.ID?) throws {
        _ = try lock(book)
        var cover: AudioAsset.ID?
        for picture in pictures.sorted(by: { $0.size.rawValue > $1.size.rawValue }) {
            let asset = try store(
                picture.file, mediaType: "image/jpeg", codec: nil, durationMilliseconds: nil)
            if cover == nil { cover = asset }
            try run(
                """
                INSERT INTO catalogue.cover_sizes (cover_id, pixels, asset_id, width, height)
                VALUES (\(cover), \(picture.size.rawValue), \(asset), \(picture.width), \(picture.height))
                ON CONFLICT (cover_id, pixels) DO NOTHING
                """)
        }
        let isSet = try run(
            """
            UPDATE catalogue.audiobooks SET cover_asset_id = \(cover)
            WHERE id = \(book) AND cover_asset_id IS DISTINCT FROM \(cover)::uuid
                AND (\(editor)::uuid IS NOT NULL OR cover_asset_id IS NULL)
            """)
        guard isSet == 1 else { return }
        if let editor { try audit("cover.replaced", of: book.description, by: editor) }
        try touch(book)
    }

    /// A file everybody may have.
    private func store(
        _ file: StoredFile, mediaType: String, codec: String?, durationMilliseconds: Int?
    ) throws -> AudioAsset.ID {
        try run(
            """
            INSERT INTO catalogue.assets
                (sha256, bytes, media_type, codec, duration_ms, bucket, object_key, visibility)
            VALUES (\(file.sha256), \(file.bytes), \(mediaType), \(codec), \(durationMilliseconds),
                \(file.bucket), \(file.objectKey), 'public')
            ON CONFLICT (sha256, visibility) DO NOTHING
            """)
        return try only(
            "SELECT id FROM catalogue.assets WHERE sha256 = \(file.sha256) AND visibility = 'public'")
    }
}

/// Where a file for the shop window is.
public struct WindowFile: Hashable, Sendable, RowDecodable {
    public let bucket: String
    public let objectKey: String
    /// Whether anybody may have it, and so may keep where it is.
    public let isPublic: Bool

    public init(_ row: borrowing Row) throws(PostgresError) {
        (bucket, objectKey) = (try row["bucket"], try row["object_key"])
        isPublic = try row["is_public"]
    }
}

extension Transaction {
    /// The cover of a book in a size. A book that was ever on sale keeps showing it: it stands in many a
    /// library.
    public func cover(
        of book: Audiobook.Reference, _ size: CoverSize, seenBy viewer: Viewer
    ) throws -> WindowFile? {
        try first(
            """
            SELECT bucket, object_key, published_at IS NOT NULL AS is_public
            FROM catalogue.audiobooks AS book JOIN catalogue.cover_sizes ON cover_id = cover_asset_id
                JOIN catalogue.assets AS asset ON asset.id = asset_id
            WHERE \(book.names("book")) AND pixels = \(size.rawValue)
                AND (published_at IS NOT NULL OR \(viewer == .editor))
            """)
    }

    public func sample(of book: Audiobook.Reference, seenBy viewer: Viewer) throws -> WindowFile? {
        try first(
            """
            SELECT bucket, object_key, state IN ('published', 'unlisted') AS is_public
            FROM catalogue.audiobooks AS book JOIN catalogue.assets AS asset ON asset.id = sample_asset_id
            WHERE \(book.names("book")) AND \(viewer.seesPage)
            """)
    }
}
