public import Bookshop
public import Postgres

extension Contributor: RowDecodable {
    public init(_ row: borrowing Row) throws(PostgresError) {
        self.init(
            id: try row["id"], slug: try row["slug"], name: try row["name"], sortName: try row["sort_name"],
            distinction: try row["distinction"], biography: try row["biography"], version: try row["version"])
    }
}

private let columns: SQL = "person.id, person.slug, name, sort_name, distinction, biography, person.version"

extension Viewer {
    /// Whether somebody of whom only these books are known is known to the viewer: a draft tells nobody of
    /// its people.
    fileprivate func knowsPerson(by books: SQL) -> SQL {
        guard self != .editor else { return "true" }
        return """
            EXISTS (SELECT 1 FROM catalogue.audiobook_contributors JOIN catalogue.audiobooks AS book
                    ON book.id = audiobook_id
                WHERE contributor_id = person.id AND \(books))
            """
    }
}

extension Transaction {
    /// Whoever made books that are on sale, by their last names.
    public func contributors(
        seenBy viewer: Viewer, after cursor: Cursor? = nil, size: PageSize = .standard
    ) throws -> Page<Contributor> {
        let people: [Keyed<Contributor>] = try all(
            """
            SELECT \(columns), lower(sort_name) AS key FROM catalogue.contributors AS person
            WHERE \(viewer.knowsPerson(by: viewer.seesListed))
                AND \(try beyond(cursor, of: "contributors", "lower(sort_name)", "person.id"))
            ORDER BY lower(sort_name), person.id LIMIT \(constant: size.rawValue + 1)
            """)
        return Page(people, size: size, of: "contributors") { $0.id.rawValue }
    }

    public func contributor(_ reference: Reference<Contributor>, seenBy viewer: Viewer) throws -> Contributor?
    {
        try first(
            """
            SELECT \(columns) FROM catalogue.contributors AS person
            WHERE \(reference.names("person")) AND \(viewer.knowsPerson(by: viewer.seesPage))
            """)
    }

    /// What somebody made, by title.
    public func books(
        of person: Contributor.ID, seenBy viewer: Viewer, after cursor: Cursor? = nil,
        size: PageSize = .standard
    ) throws -> Page<ShelvedBook> {
        let list = "books.\(person)"
        let books: [Keyed<ShelvedBook>] = try all(
            """
            SELECT book.id, slug, title, subtitle, state, cover_asset_id IS NOT NULL AS has_cover, published_at,
                lower(title) AS key, roles, NULL::text AS label, NULL::bigint AS thousandths
            FROM catalogue.audiobooks AS book JOIN (
                    SELECT audiobook_id, array_agg(role ORDER BY role) AS roles
                    FROM catalogue.audiobook_contributors WHERE contributor_id = \(person) GROUP BY audiobook_id
                ) AS credit ON audiobook_id = book.id
            WHERE \(viewer.seesListed) AND \(try beyond(cursor, of: list, "lower(title)", "book.id"))
            ORDER BY lower(title), book.id LIMIT \(constant: size.rawValue + 1)
            """)
        return Page(books, size: size, of: list) { $0.id.rawValue }
    }

    public func create(_ person: ContributorDescription, by editor: Editor.ID) throws -> Contributor.ID {
        let id = Contributor.ID()
        try run(
            """
            INSERT INTO catalogue.contributors (id, name, sort_name, distinction, biography)
            VALUES (\(id), \(person.name), \(person.sortName), \(person.distinction), \(person.biography))
            """, unless: ["contributors_name_distinction_key": ShelfError.nameTaken])
        try audit("contributor.created", of: id.description, by: editor)
        return id
    }

    /// Replaces all that is said of somebody, unless somebody else did since `version`. Their address stays.
    public func describe(
        _ id: Contributor.ID, as person: ContributorDescription, by editor: Editor.ID, ifVersion version: Int
    ) throws {
        try expect(version, of: id.rawValue, in: "contributors")
        try run(
            """
            UPDATE catalogue.contributors
            SET name = \(person.name), sort_name = \(person.sortName), distinction = \(person.distinction),
                biography = \(person.biography), version = version + 1
            WHERE id = \(id)
            """, unless: ["contributors_name_distinction_key": ShelfError.nameTaken])
        try audit("contributor.described", of: id.description, by: editor)
    }
}
