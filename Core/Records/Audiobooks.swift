public import Bookshop
public import Postgres

extension Audiobook: RowDecodable {
    public init(_ row: borrowing Row) throws(PostgresError) {
        let sampleStart: Int? = try row["sample_start_ms"],
            sampleDuration: Int? = try row["sample_duration_ms"]
        self.init(
            id: try row["id"], slug: try row["slug"], title: try row["title"], subtitle: try row["subtitle"],
            description: try row["description"], language: try row["language"], isbn13: try row["isbn13"],
            state: try row["state"], people: try row.json("people"), series: try row.json("series"),
            categories: try row.json("categories"), price: try row.money(ifAny: "price"),
            edition: try row["current_edition_id"], durationMilliseconds: try row["duration_ms"],
            hasCover: try row["has_cover"],
            sample: sampleStart.flatMap { start in
                sampleDuration.map { Sample(startMilliseconds: start, durationMilliseconds: $0) }
            }, publishedAt: try row["published_at"], exports: try row["exports"], version: try row["version"])
    }
}

/// Who asks for a book. What is not sold yet is seen by editors alone; what is no longer sold, by those who
/// own it too.
public enum Viewer: Hashable, Sendable {
    case anyone
    case customer(Customer.ID)
    case editor

    /// Whether the page of `book` is for them. An unlisted book is found by whoever knows its name.
    var seesPage: SQL {
        switch self {
        case .anyone: "book.state IN ('published', 'unlisted')"
        case .customer(let id):
            """
            (book.state IN ('published', 'unlisted') OR book.state = 'archived' AND EXISTS (
                SELECT 1 FROM listening.library WHERE user_id = \(id) AND audiobook_id = book.id))
            """
        case .editor: "true"
        }
    }

    /// Whether `book` is shown to them among others.
    var seesListed: SQL { self == .editor ? "true" : "book.state = 'published'" }
}

extension Transaction {
    /// The page of one book with its price of now, if the asker may see it.
    public func audiobook(
        _ reference: Audiobook.Reference, in currency: Currency, seenBy viewer: Viewer
    ) throws -> Audiobook? {
        try first(
            """
            SELECT book.id, book.slug, title, subtitle, book.description, language, isbn13, state,
                current_edition_id, published_at, exports, book.version, edition.duration_ms, \(currency) AS currency,
                CASE WHEN state <> 'archived' OR \(viewer == .editor) THEN price.amount END AS price,
                cover_asset_id IS NOT NULL AS has_cover, sample_start_ms,
                sample.duration_ms AS sample_duration_ms, (\(people)) AS people, (\(series)) AS series,
                (\(categories)) AS categories
            FROM catalogue.audiobooks AS book
                LEFT JOIN catalogue.editions AS edition ON edition.id = current_edition_id
                LEFT JOIN catalogue.assets AS sample ON sample.id = sample_asset_id
                LEFT JOIN sales.prices AS price ON price.audiobook_id = book.id
                    AND price.currency = \(currency) AND price.valid @> now()
            WHERE \(reference.names("book")) AND \(viewer.seesPage)
            """)
    }

    private var people: SQL {
        """
        SELECT COALESCE(jsonb_agg(jsonb_build_object('id', person.id, 'slug', person.slug, 'name', person.name,
            'role', role)
            ORDER BY array_position(ARRAY['author', 'narrator', 'translator', 'editor', 'publisher'], role),
                position), '[]')
        FROM catalogue.audiobook_contributors
            JOIN catalogue.contributors AS person ON person.id = contributor_id
        WHERE audiobook_id = book.id
        """
    }

    private var series: SQL {
        """
        SELECT COALESCE(jsonb_agg(jsonb_build_object('id', series.id, 'slug', series.slug, 'name', series.name,
            'label', label, 'sortKey', sort_key) ORDER BY lower(series.name), series.id), '[]')
        FROM catalogue.series_entries JOIN catalogue.series ON series.id = series_id
        WHERE audiobook_id = book.id
        """
    }

    private var categories: SQL {
        """
        SELECT COALESCE(jsonb_agg(jsonb_build_object('id', category.id, 'slug', category.slug,
            'name', category.name) ORDER BY lower(category.name), category.id), '[]')
        FROM catalogue.audiobook_categories
            JOIN catalogue.categories AS category ON category.id = category_id
        WHERE audiobook_id = book.id
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
                bytes, sha256, part_bytes, media_type, codec, asset.duration_ms
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
            bytes: try row["bytes"], checksum: try row.checksum(), mediaType: try row["media_type"],
            codec: try row["codec"], durationMilliseconds: try row["duration_ms"])
    }
}

extension Track: RowDecodable {
    public init(_ row: borrowing Row) throws(PostgresError) {
        self.init(position: try row["position"], asset: try AudioAsset(row), span: try row.span())
    }
}
