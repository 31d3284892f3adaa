import Bookshop
import Postgres

/// A name and whose it is.
private struct NamedPerson: RowDecodable {
    let name: String
    let id: Contributor.ID
    init(_ row: borrowing Row) throws(PostgresError) { (name, id) = (try row["name"], try row["id"]) }
}

extension Transaction {
    /// Puts a book, of which nothing of the kind is said yet, among people, series and categories.
    func place(_ description: BookDescription, _ book: Audiobook.ID) throws {
        try credit(description.people, to: book)
        let series = description.series
        try refuseUnknown(series.map(\.series), in: "series", as: .series)
        try run(
            """
            INSERT INTO catalogue.series_entries (series_id, audiobook_id, label, sort_key)
            SELECT series_id, \(book), NULLIF(label, ''), thousandths / 1000.0
            FROM unnest(\(series.map(\.series))::uuid[], \(series.map { $0.label ?? "" })::text[],
                \(series.map(\.sortKey.thousandths))::bigint[]) AS entry (series_id, label, thousandths)
            """)
        try refuseUnknown(description.categories, in: "categories", as: .categories)
        try run(
            """
            INSERT INTO catalogue.audiobook_categories (audiobook_id, category_id)
            SELECT \(book), id FROM unnest(\(description.categories)::uuid[]) AS id
            """)
    }

    /// In their order, which is told for each role on its own.
    private func credit(_ people: [Credit], to book: Audiobook.ID) throws {
        let known = try contributors(named: people)
        var ids: [Contributor.ID] = [], positions: [Int] = [], count: [Credit.Role: Int] = [:]
        var seen: Set<Credit> = []
        for (index, credit) in people.enumerated() {
            let id: Contributor.ID? =
                switch credit.person {
                case .named(let name): known[name]
                case .known(let id): id
                }
            guard let id else { preconditionFailure("a contributor that is there was not found") }
            // Somebody may be named by name and by id.
            guard seen.insert(Credit(.known(id), as: credit.role)).inserted else {
                throw DescriptionError.repeated(.people, at: index)
            }
            count[credit.role, default: 0] += 1
            ids.append(id)
            positions.append(count[credit.role] ?? 1)
        }
        try refuseUnknown(ids, in: "contributors", as: .people)
        try run(
            """
            INSERT INTO catalogue.audiobook_contributors (audiobook_id, role, position, contributor_id)
            SELECT \(book), role, position, id
            FROM unnest(\(people.map(\.role))::text[], \(positions)::bigint[], \(ids)::uuid[])
                AS credit (role, position, id)
            """)
    }

    /// Whoever bears these names without a distinction, made where nobody does. In the order of the names, so
    /// that two who make the same people wait for each other and not in a circle.
    private func contributors(named people: [Credit]) throws -> [String: Contributor.ID] {
        let names = Set(
            people.compactMap { credit -> String? in
                guard case .named(let name) = credit.person else { return nil }
                return name
            }
        ).sorted()
        guard !names.isEmpty else { return [:] }
        try run(
            """
            INSERT INTO catalogue.contributors (name, sort_name)
            SELECT name, sort_name
            FROM unnest(\(names)::text[], \(names.map(Contributor.sortName))::text[])
                AS person (name, sort_name)
            WHERE NOT EXISTS (SELECT 1 FROM catalogue.contributors AS known
                WHERE known.name = person.name AND known.distinction = '')
            ON CONFLICT (name, distinction) DO NOTHING
            """)
        let found: [NamedPerson] = try all(
            """
            SELECT name, id FROM catalogue.contributors
            WHERE name = ANY (\(names)::text[]) AND distinction = ''
            """)
        return Dictionary(found.map { ($0.name, $0.id) }) { first, _ in first }
    }

    private func refuseUnknown<Entity>(
        _ ids: [Identifier<Entity>], in table: String, as list: DescriptionError.List
    ) throws {
        let known: [Identifier<Entity>] = try values(
            "SELECT id FROM catalogue.\(identifier: table) WHERE id = ANY (\(ids)::uuid[])")
        guard let index = ids.firstIndex(where: { !known.contains($0) }) else { return }
        throw DescriptionError.unknown(list, at: index)
    }
}
