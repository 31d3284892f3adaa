public import Bookshop
public import Postgres

extension Audiobook: RowDecodable {
    public init(_ row: borrowing Row) throws(PostgresError) {
        let names: [String] = try row["names"]
        let roles: [Credit.Role] = try row["roles"]
        self.init(
            id: try row["id"], slug: try row["slug"], title: try row["title"], subtitle: try row["subtitle"],
            description: try row["description"], language: try row["language"], state: try row["state"],
            people: zip(names, roles).map { Credit(name: $0, role: $1) },
            price: try row.money(ifAny: "price"), edition: try row["current_edition_id"],
            durationMilliseconds: try row["duration_ms"], publishedAt: try row["published_at"],
            version: try row["version"])
    }
}

/// Who asks for a book: what is no longer or not yet sold is seen by editors alone.
public enum Viewer: Hashable, Sendable { case anyone, editor }

extension Transaction {
    /// The page of one book with its price of now, if the asker may see it. An unlisted book is found by
    /// whoever knows its name.
    public func audiobook(
        _ reference: Audiobook.Reference, in currency: Currency, seenBy viewer: Viewer
    ) throws -> Audiobook? {
        let name: SQL =
            switch reference {
            case .id(let id): "book.id = \(id)"
            case .slug(let slug): "book.slug = \(slug)"
            }
        let seen: SQL =
            switch viewer {
            case .anyone: "book.state IN ('published', 'unlisted')"
            case .editor: "true"
            }
        return try first(
            """
            SELECT book.id, slug, title, subtitle, description, language, state, current_edition_id,
                published_at, version, edition.duration_ms, price.amount AS price, \(currency) AS currency,
                ARRAY(\(people(of: "name"))) AS names, ARRAY(\(people(of: "role"))) AS roles
            FROM catalogue.audiobooks AS book
                LEFT JOIN catalogue.editions AS edition ON edition.id = current_edition_id
                LEFT JOIN sales.prices AS price ON price.audiobook_id = book.id
                    AND price.currency = \(currency) AND price.valid @> now()
            WHERE \(name) AND \(seen)
            """)
    }

    private func people(of column: SQL) -> SQL {
        """
        SELECT \(column)
        FROM catalogue.audiobook_contributors JOIN catalogue.contributors ON contributors.id = contributor_id
        WHERE audiobook_id = book.id
        ORDER BY array_position(ARRAY['author', 'narrator', 'translator', 'editor', 'publisher'], role),
            position
        """
    }

    public func chapters(of edition: Edition.ID) throws -> [Chapter] {
        try all(
            """
            SELECT title, start_ms, end_ms FROM catalogue.chapters
            WHERE edition_id = \(edition) ORDER BY position
            """)
    }

    /// The files of an edition in the order they play.
    public func tracks(of edition: Edition.ID) throws -> [Track] {
        try all(
            """
            SELECT position, start_ms, start_ms + track.duration_ms AS end_ms, asset.id, bucket, object_key,
                bytes, sha256, media_type, codec, asset.duration_ms
            FROM catalogue.tracks AS track JOIN catalogue.assets AS asset ON asset.id = asset_id
            WHERE edition_id = \(edition) ORDER BY position
            """)
    }
}

extension Chapter: RowDecodable {
    public init(_ row: borrowing Row) throws(PostgresError) {
        self.init(title: try row["title"], span: try row.span())
    }
}

extension AudioAsset: RowDecodable {
    public init(_ row: borrowing Row) throws(PostgresError) {
        self.init(
            id: try row["id"], bucket: try row["bucket"], objectKey: try row["object_key"],
            bytes: try row["bytes"], sha256: try row["sha256"], mediaType: try row["media_type"],
            codec: try row["codec"], durationMilliseconds: try row["duration_ms"])
    }
}

extension Track: RowDecodable {
    public init(_ row: borrowing Row) throws(PostgresError) {
        self.init(position: try row["position"], asset: try AudioAsset(row), span: try row.span())
    }
}
