public import Bookshop
public import Postgres

extension Transaction {
    /// Notes by which name the storage knows an upload in parts. The first that was noted stays.
    public func beginUploading(_ id: Upload.ID, as multipart: String) throws -> Upload {
        let upload = try lock(id)
        guard upload.state == .created else { return upload }
        return try certain(
            """
            UPDATE production.uploads SET state = 'uploading', storage_upload_id = \(multipart)
            WHERE id = \(id) RETURNING \(Upload.columns)
            """)
    }

    /// The parts of an upload as they were declared.
    public func parts(of upload: Upload) throws -> DeclaredParts {
        let digests: [UInt8]? = try value(
            "SELECT part_sha256s FROM production.uploads WHERE id = \(upload.id)")
        guard let layout = upload.declared.layout, let digests else { throw UploadError.notInParts }
        return DeclaredParts(layout: layout, digests: digests)
    }

    /// Notes that the parts are about to be made one, and whether they may. Whoever does so second finds it
    /// noted.
    public func beginCompleting(_ id: Upload.ID) throws -> Bool {
        try run(
            """
            UPDATE production.uploads SET state = 'completing'
            WHERE id = \(id) AND state IN ('uploading', 'completing')
            """) == 1
    }

    /// The parts were not made one, as far as anybody knows: they may be sent again, or joined again.
    public func reopen(_ id: Upload.ID) throws {
        try run(
            "UPDATE production.uploads SET state = 'uploading' WHERE id = \(id) AND state = 'completing'")
    }

    /// Gives up an upload whose file is not there yet. What came to nothing otherwise stays as it is.
    public func abort(_ id: Upload.ID) throws -> Upload {
        let upload = try lock(id)
        switch upload.state {
        case .aborted, .expired, .rejected: return upload
        case .completing, .verifying, .ready: throw UploadError.notVerifying(upload.state)
        case .created, .uploading:
            return try certain(
                """
                UPDATE production.uploads SET state = 'aborted', ended_at = now()
                WHERE id = \(id) RETURNING \(Upload.columns)
                """)
        }
    }

    /// Uploads that came to nothing so long ago that no link to them is good any more, and may have left
    /// something in the storage.
    public func unclearedUploads(graceSeconds: Int, limit: Int) throws -> [Upload] {
        try all(
            """
            SELECT \(Upload.columns) FROM production.uploads
            WHERE state IN ('rejected', 'aborted', 'expired') AND cleared_at IS NULL
                AND ended_at <= now() - make_interval(secs => \(graceSeconds))
            ORDER BY ended_at LIMIT \(limit)
            """)
    }

    /// Nothing of it is in the storage any more.
    public func noteCleared(_ id: Upload.ID) throws {
        try run(
            """
            UPDATE production.uploads SET cleared_at = now()
            WHERE id = \(id) AND state IN ('rejected', 'aborted', 'expired')
            """)
    }
}
