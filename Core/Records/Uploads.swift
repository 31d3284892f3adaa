public import Bookshop
public import FoundationEssentials
public import Postgres

extension Upload: RowDecodable {
    public init(_ row: borrowing Row) throws(PostgresError) {
        self.init(
            id: try row["id"], audiobook: try row["audiobook_id"], editor: try row["created_by"],
            state: try row["state"], declared: try DeclaredFile(row), bucket: try row["bucket"],
            objectKey: try row["object_key"], expiresAt: try row["expires_at"],
            rejection: try row["rejection"], edition: try row["edition_id"],
            multipart: try row["storage_upload_id"])
    }
}

extension DeclaredFile: RowDecodable {
    public init(_ row: borrowing Row) throws(PostgresError) {
        let mediaType: String = try row["declared_media_type"], isTrack: Bool = try row["is_track"]
        do {
            try self.init(
                name: try row["file_name"], mediaType: mediaType, bytes: try row["declared_bytes"],
                checksum: try row.checksum("declared_sha256"), purpose: isTrack ? .track : nil)
        } catch let error as PostgresError { throw error } catch {
            preconditionFailure("a file was written down that may not be declared: \(error)")
        }
    }
}

extension Upload {
    static let columns: SQL = """
        id, audiobook_id, created_by, state, file_name, declared_media_type, declared_bytes, declared_sha256,
        part_bytes, is_track, bucket, object_key, expires_at, rejection, edition_id, storage_upload_id
        """
}

private let columns = Upload.columns

extension Transaction {
    /// Permission to send one file for a book, whole or in parts. The same request under the same key is the
    /// same upload.
    public func requestUpload(
        of file: DeclaredFile, in parts: DeclaredParts? = nil, for book: Audiobook.ID, by editor: Editor.ID,
        under key: IdempotencyKey, to bucket: String, expiresAt: Date
    ) throws -> Upload {
        precondition(parts?.layout == file.layout, "the parts are those of the file")
        let asked: Upload? = try first(
            """
            SELECT \(columns) FROM production.uploads
            WHERE created_by = \(editor) AND idempotency_key = \(key)
            """)
        if let asked {
            guard asked.declared == file, asked.audiobook == book else { throw IdempotencyKeyReused() }
            return asked
        }
        guard try only("SELECT EXISTS (SELECT 1 FROM catalogue.audiobooks WHERE id = \(book))") else {
            throw CatalogueError.noSuchBook
        }
        let id = Upload.ID()
        return try certain(
            """
            INSERT INTO production.uploads (id, audiobook_id, created_by, idempotency_key, file_name,
                declared_media_type, declared_bytes, declared_sha256, part_bytes, part_sha256s, is_track,
                bucket, object_key, expires_at)
            VALUES (\(id), \(book), \(editor), \(key), \(file.name), \(file.mediaType), \(file.bytes),
                \(file.checksum.digest), \(file.checksum.partBytes), \(parts?.digests),
                \(file.purpose == .track), \(bucket), \(Upload.objectKey(of: id)), \(expiresAt))
            RETURNING \(columns)
            """)
    }

    public func upload(_ id: Upload.ID) throws -> Upload? {
        try first("SELECT \(columns) FROM production.uploads WHERE id = \(id)")
    }

    /// Another editor's upload is none.
    public func upload(_ id: Upload.ID, of editor: Editor.ID) throws -> Upload? {
        try first("SELECT \(columns) FROM production.uploads WHERE id = \(id) AND created_by = \(editor)")
    }

    /// The upload an object belongs to.
    public func upload(at objectKey: String, in bucket: String) throws -> Upload? {
        try first(
            """
            SELECT \(columns) FROM production.uploads
            WHERE bucket = \(bucket) AND object_key = \(objectKey)
            """)
    }

    /// Notes that the object is there and is looked at. Whoever says so second, or again, finds it as it is:
    /// what has ended stays ended.
    public func beginVerifying(_ id: Upload.ID) throws -> Upload {
        let upload = try lock(id)
        guard upload.state.mayBeVerified, upload.state != .verifying else { return upload }
        return try certain(
            "UPDATE production.uploads SET state = 'verifying' WHERE id = \(id) RETURNING \(columns)")
    }

    /// Ends an upload whose object will not be a recording. The first word stands.
    public func reject(_ id: Upload.ID, as rejection: Upload.Rejection) throws {
        let upload = try beginVerifying(id)
        guard upload.state == .verifying else { return }
        try run(
            """
            UPDATE production.uploads SET state = 'rejected', rejection = \(rejection), ended_at = now()
            WHERE id = \(id)
            """)
    }

    /// Uploads that stayed open beyond their time, and those that somebody began to look at long ago.
    public func abandonedUploads(graceSeconds: Int, limit: Int) throws -> [Upload] {
        try all(
            """
            SELECT \(columns) FROM production.uploads
            WHERE state IN ('created', 'uploading', 'completing', 'verifying')
                AND expires_at <= now() - make_interval(secs => \(graceSeconds))
            ORDER BY expires_at LIMIT \(limit)
            """)
    }

    /// Tells of uploads that seem to stand still though all of their file may be there, each so many seconds after it
    /// was asked for or last told of. Of parts that are still sent nobody is reminded: they are no file yet.
    @discardableResult
    public func remindOfStalledUploads(idleSeconds: Int, limit: Int) throws -> Int {
        let stalled: [StalledUpload] = try all(
            """
            UPDATE production.uploads SET reminders = reminders + 1, reminded_at = now()
            WHERE id IN (
                SELECT id FROM production.uploads
                WHERE state IN ('created', 'completing', 'verifying') AND (state <> 'created' OR part_bytes IS NULL)
                    AND coalesce(reminded_at, created_at) <= now() - make_interval(secs => \(idleSeconds))
                    AND expires_at > now()
                ORDER BY expires_at LIMIT \(limit) FOR UPDATE SKIP LOCKED)
            RETURNING id, audiobook_id, reminders
            """)
        for upload in stalled {
            try emit(
                .uploadStalled, about: upload.id.description, once: "\(upload.id)/\(upload.reminders)",
                ["upload": upload.id.description, "audiobook": upload.audiobook.description])
        }
        return stalled.count
    }

    /// Whether it was still open. After that its object may be removed, for nothing accepts it any more.
    public func expire(_ id: Upload.ID) throws -> Bool {
        try run(
            """
            UPDATE production.uploads SET state = 'expired', ended_at = now()
            WHERE id = \(id) AND state IN ('created', 'uploading', 'completing', 'verifying')
            """) == 1
    }

    /// Tells that a file was checked, and what was made of it.
    func emitReady(_ upload: Upload, with more: [String: String] = [:]) throws {
        let told = ["upload": upload.id.description, "audiobook": upload.audiobook.description]
        try emit(
            .uploadReady, about: upload.id.description, once: upload.id.description,
            told.merging(more) { _, new in new })
    }

    func lock(_ id: Upload.ID) throws -> Upload {
        let upload: Upload? = try first(
            "SELECT \(columns) FROM production.uploads WHERE id = \(id) FOR UPDATE")
        guard let upload else { throw UploadError.noSuchUpload }
        return upload
    }
}

private struct StalledUpload: RowDecodable {
    let id: Upload.ID
    let audiobook: Audiobook.ID
    let reminders: Int

    init(_ row: borrowing Row) throws(PostgresError) {
        (id, audiobook, reminders) = (try row["id"], try row["audiobook_id"], try row["reminders"])
    }
}
