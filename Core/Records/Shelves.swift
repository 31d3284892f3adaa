public import Bookshop
import FoundationEssentials
public import Postgres

/// A line of a list, and what it is sorted by.
struct Keyed<Line: RowDecodable>: RowDecodable {
    let line: Line
    let key: String
    init(_ row: borrowing Row) throws(PostgresError) { (line, key) = (try Line(row), try row["key"]) }
}

extension Page where Item: RowDecodable {
    init(_ lines: [Keyed<Item>], size: PageSize, of list: String, id: (Item) -> UUID) {
        let page = Page<Keyed<Item>>(lines, size: size) { Cursor(list: list, key: $0.key, id: id($0.line)) }
        self.init(items: page.items.map(\.line), next: page.next)
    }
}

extension ShelvedBook: RowDecodable {
    public init(_ row: borrowing Row) throws(PostgresError) {
        let tie: Tie
        if let roles: [Credit.Role] = try row["roles"] {
            tie = .credits(roles)
        } else {
            let thousandths: Int = try row["thousandths"]
            tie = .place(
                label: try row["label"], sortKey: SeriesEntry.SortKey(thousandths: thousandths) ?? .last)
        }
        self.init(
            id: try row["id"], slug: try row["slug"], title: try row["title"], subtitle: try row["subtitle"],
            state: try row["state"], hasCover: try row["has_cover"], publishedAt: try row["published_at"],
            tie: tie)
    }
}

extension Reference {
    /// Whether `name` is what is referred to.
    func names(_ name: SQL) -> SQL {
        switch self {
        case .id(let id): "\(name).id = \(id)"
        case .slug(let slug): "\(name).slug = \(slug)"
        }
    }
}

extension Transaction {
    /// What comes after a page's last line, in a list sorted by a text and an id.
    func beyond(_ cursor: Cursor?, of list: String, _ key: SQL, _ id: SQL) throws(ForeignCursor) -> SQL {
        guard let cursor else { return "true" }
        guard cursor.list == list else { throw ForeignCursor() }
        return "(\(key), \(id)) > (\(cursor.key)::text, \(cursor.id)::uuid)"
    }

    /// Holds what an editor has seen against what is there, which nobody changes from here on.
    func expect(_ version: Int, of id: UUID, in table: String) throws {
        let current: Int? = try value(
            "SELECT version FROM catalogue.\(identifier: table) WHERE id = \(id) FOR UPDATE")
        guard let current else { throw ShelfError.noSuchEntry }
        guard current == version else { throw ShelfError.changedMeanwhile(version: current) }
    }
}
