public import Bookshop
public import Postgres

extension Category: RowDecodable {
    public init(_ row: borrowing Row) throws(PostgresError) {
        self.init(
            id: try row["id"], slug: try row["slug"], name: try row["name"], parent: try row["parent_id"],
            position: try row["position"], version: try row["version"])
    }
}

extension Transaction {
    /// The whole tree, each before those below it. It is walked by a text that sorts as the tree does; trees
    /// are small.
    public func categories(after cursor: Cursor? = nil, size: PageSize = .standard) throws -> Page<Category> {
        let step: SQL = """
            to_char(category.position::bigint + 2147483648, 'FM0000000000') || left(lower(category.name), 20)
                || E'\\x01' || category.id || E'\\x02'
            """
        let categories: [Keyed<Category>] = try all(
            """
            WITH RECURSIVE tree AS (
                SELECT category.*, (\(step)) COLLATE "C" AS path FROM catalogue.categories AS category
                WHERE parent_id IS NULL
                UNION ALL
                SELECT category.*, (tree.path || \(step)) COLLATE "C"
                FROM tree JOIN catalogue.categories AS category ON category.parent_id = tree.id
            )
            SELECT id, slug, name, parent_id, position, version, path AS key FROM tree
            WHERE \(try beyond(cursor, of: "categories", "path", "id"))
            ORDER BY path, id LIMIT \(constant: size.rawValue + 1)
            """)
        return Page(categories, size: size, of: "categories") { $0.id.rawValue }
    }

    public func category(_ reference: Reference<Category>) throws -> Category? {
        try first(
            """
            SELECT id, slug, name, parent_id, position, version FROM catalogue.categories AS category
            WHERE \(reference.names("category"))
            """)
    }

    public func create(_ category: CategoryDescription, by editor: Editor.ID) throws -> Category.ID {
        try refuseUnknownParent(of: category)
        let id = Category.ID()
        let slug = try category.slug ?? freeSlug(like: Slug(of: category.name), in: "categories")
        try run(
            """
            INSERT INTO catalogue.categories (id, slug, name, parent_id, position)
            VALUES (\(id), \(slug), \(category.name), \(category.parent), \(category.position))
            """, unless: Self.meanings)
        try audit("category.created", of: id.description, by: editor)
        return id
    }

    /// Renames a category, or moves it with all below it, unless somebody else did since `version`. Without a
    /// slug it keeps its own.
    public func describe(
        _ id: Category.ID, as category: CategoryDescription, by editor: Editor.ID, ifVersion version: Int
    ) throws {
        try expect(version, of: id.rawValue, in: "categories")
        try refuseUnknownParent(of: category)
        try run(
            """
            UPDATE catalogue.categories
            SET name = \(category.name), slug = COALESCE(\(category.slug), slug), parent_id = \(category.parent),
                position = \(category.position), version = version + 1
            WHERE id = \(id)
            """, unless: Self.meanings)
        try audit("category.described", of: id.description, by: editor)
    }

    /// Takes away a category in which nothing is.
    public func delete(_ id: Category.ID, by editor: Editor.ID) throws {
        let deleted: String? = try value("SELECT name FROM catalogue.categories WHERE id = \(id) FOR UPDATE")
        guard let deleted else { throw ShelfError.noSuchEntry }
        try run("DELETE FROM catalogue.categories WHERE id = \(id)", unless: Self.meanings)
        try audit("category.deleted", of: id.description, by: editor, before: ["name": deleted])
    }

    private static var meanings: [String: any Error] {
        [
            "categories_slug_key": ShelfError.slugTaken, "categories_are_a_tree": ShelfError.notATree,
            "categories_check": ShelfError.notATree, "categories_parent_id_fkey": ShelfError.inUse,
            "audiobook_categories_category_id_fkey": ShelfError.inUse,
        ]
    }

    private func refuseUnknownParent(of category: CategoryDescription) throws {
        guard let parent = category.parent else { return }
        guard try only("SELECT EXISTS (SELECT 1 FROM catalogue.categories WHERE id = \(parent))") else {
            throw ShelfError.noSuchParent
        }
    }
}
