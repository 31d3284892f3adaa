import Bookshop
import FoundationEssentials
import Postgres

extension ListingState: RowDecodable {
    init(_ row: borrowing Row) throws(PostgresError) {
        (hasChanged, snapshot) = (try row["has_changed"], try row["snapshot"])
        (now, nextPrice) = (try row["now"], try row["next_price"])
    }
}

extension Tally: RowDecodable {
    init(_ row: borrowing Row) throws(PostgresError) {
        (kind, key, count) = (try row["kind"], try row["key"], try row["count"])
        (slug, name, parent) = (try row["slug"], try row["name"], try row["parent"])
    }
}

extension Transaction {
    /// How many books each choice of each facet would leave.
    func facets(of sought: Sought, remembering memory: FacetMemory) throws -> Facets {
        try refresh(memory, for: sought.query.currency)
        var tallies: [Facet: [Tally]] = [:]
        // Facets with the same conditions are counted in one go.
        let narrowed = Facet.allCases.filter(sought.isNarrowed)
        let others = Facet.allCases.filter { !narrowed.contains($0) }
        for group in [others] + narrowed.map({ [$0] }) {
            let without = narrowed.contains(group.first ?? .category) ? group.first : nil
            let keys = group.map { "\($0.rawValue)\u{1C}\(sought.text(without: without))" }
            if keys.contains(where: { memory[$0] == nil }) {
                let (counted, seconds) = try counting(tally(group, of: sought, without: without))
                for (facet, key) in zip(group, keys) {
                    let own = counted.filter { $0.kind == facet.rawValue }
                    memory.remember(own, as: key, after: seconds)
                    tallies[facet] = own
                }
            } else {
                for (facet, key) in zip(group, keys) { tallies[facet] = memory[key] }
            }
        }
        for (facet, belonging) in [(Facet.author, Sought.Belonging.authors), (.narrator, .narrators)] {
            guard let chosen = sought.numbers[belonging] else { continue }
            let known = Set((tallies[facet] ?? []).map(\.key))
            let missing: [Tally] = try all(tally(of: chosen, facet, belonging, sought))
            tallies[facet, default: []] += missing.filter { !known.contains($0.key) }
        }
        return Facets(tallies, in: sought.query.currency)
    }

    /// How many books there are in all.
    func total(of sought: Sought, remembering memory: FacetMemory) throws -> Int {
        try refresh(memory, for: sought.query.currency)
        let key = "total\u{1C}\(sought.text(without: nil))"
        if let known = memory[key]?.first { return known.count }
        let (counted, seconds) = try counting(
            """
            SELECT 'total' AS kind, '' AS key, NULL AS slug, NULL AS name, NULL AS parent, count(*) AS count
            FROM catalogue.listings AS listing WHERE \(sought.conditions().joined(separator: " AND "))
            """)
        memory.remember(counted, as: key, after: seconds)
        return counted[0].count
    }

    private func counting(_ statement: SQL) throws -> (tallies: [Tally], seconds: Double) {
        let clock = ContinuousClock()
        let start = clock.now
        let tallies: [Tally] = try all(statement)
        return (tallies, (clock.now - start) / .seconds(1))
    }

    private func refresh(_ memory: FacetMemory, for currency: Currency) throws {
        let changed: SQL =
            if let picture = memory.picture {
                """
                EXISTS (SELECT 1 FROM catalogue.listing_changes
                    WHERE xid >= pg_snapshot_xmin(\(picture)::pg_snapshot)
                        AND NOT pg_visible_in_snapshot(xid, \(picture)::pg_snapshot))
                """
            } else {
                "true"
            }
        let state: ListingState = try certain(
            """
            SELECT \(changed) AS has_changed, pg_current_snapshot()::text AS snapshot, now() AS now,
                NULLIF(least(
                    (SELECT min(valid_from) FROM catalogue.listings
                        WHERE currency = \(currency) AND valid_from > now()),
                    (SELECT min(valid_until) FROM catalogue.listings
                        WHERE currency = \(currency) AND valid_until > now())), 'infinity') AS next_price
            """)
        memory.refresh(state, in: currency.rawValue)
    }

    private func tally(_ facets: [Facet], of sought: Sought, without facet: Facet?) -> SQL {
        let parts = facets.map { tally($0, in: sought.query.currency) }
        return """
            WITH matching AS MATERIALIZED (
                SELECT split_part(listing.language, '-', 1) AS language, listing.amount, listing.duration_ms,
                    listing.authors, listing.narrators, listing.categories
                FROM catalogue.listings AS listing
                WHERE \(sought.conditions(without: facet).joined(separator: " AND "))
            )
            \(parts.joined(separator: " UNION ALL "))
            """
    }

    private func tally(_ facet: Facet, in currency: Currency) -> SQL {
        switch facet {
        case .category:
            """
            SELECT 'category' AS kind, category.id::text AS key, category.slug, category.name,
                category.parent_id::text AS parent, tally.count
            FROM (
                SELECT number, sum(shelf.count)::bigint AS count
                FROM (SELECT categories, count(*) AS count FROM matching GROUP BY categories) AS shelf,
                    unnest(shelf.categories) AS number
                GROUP BY number
            ) AS tally JOIN catalogue.categories AS category USING (number)
            """
        case .author: people("author", "authors")
        case .narrator: people("narrator", "narrators")
        case .language: simple("language", "language")
        case .price: simple("price", "width_bucket(amount, \(Facets.priceEdges(in: currency))::bigint[])")
        case .duration:
            simple("duration", "width_bucket(duration_ms, \(Facets.durationEdgesMilliseconds)::bigint[])")
        }
    }

    private func simple(_ kind: SQL, _ value: SQL) -> SQL {
        """
        SELECT '\(kind)' AS kind, (\(value))::text AS key, NULL AS slug, NULL AS name, NULL AS parent,
            count(*) AS count
        FROM matching GROUP BY 2
        """
    }

    private func people(_ kind: SQL, _ column: SQL) -> SQL {
        """
        SELECT '\(kind)' AS kind, person.id::text AS key, person.slug, person.name, NULL AS parent, tally.count
        FROM (
            SELECT number, count(*) AS count FROM matching, unnest(matching.\(column)) AS number
            GROUP BY number ORDER BY count(*) DESC, number LIMIT \(Facets.mostPeople)
        ) AS tally JOIN catalogue.contributors AS person USING (number)
        """
    }

    /// Who was chosen is told of, however few books are theirs.
    private func tally(of chosen: [Int], _ facet: Facet, _ belonging: Sought.Belonging, _ sought: Sought)
        -> SQL
    {
        let column: SQL = belonging == .authors ? "listing.authors" : "listing.narrators"
        let conditions = sought.conditions(without: facet) + ["\(column) && \(chosen)::integer[]"]
        return """
            SELECT \(facet.rawValue)::text AS kind, person.id::text AS key, person.slug, person.name,
                NULL AS parent, count(listing.audiobook_id) AS count
            FROM catalogue.contributors AS person LEFT JOIN (
                SELECT listing.audiobook_id, \(column) AS numbers FROM catalogue.listings AS listing
                WHERE \(conditions.joined(separator: " AND "))
            ) AS listing ON person.number = ANY (listing.numbers)
            WHERE person.number = ANY (\(chosen)::integer[])
            GROUP BY person.id
            """
    }
}

extension Sought {
    fileprivate func isNarrowed(_ facet: Facet) -> Bool {
        switch facet {
        case .category: numbers[.categories] != nil
        case .author: numbers[.authors] != nil
        case .narrator: numbers[.narrators] != nil
        case .language: !query.languages.isEmpty
        case .price: !query.prices.isNone
        case .duration: !query.durationsMilliseconds.isNone
        }
    }
}

extension Facets {
    fileprivate init(_ tallies: [Facet: [Tally]], in currency: Currency) {
        self.init()
        categories = Self.choices(tallies[.category])
        authors = Self.choices(tallies[.author])
        narrators = Self.choices(tallies[.narrator])
        languages = (tallies[.language] ?? []).compactMap { tally in
            LanguageTag(rawValue: tally.key).map { LanguageChoice($0, count: tally.count) }
        }.sorted { ($1.count, $0.language.rawValue) < ($0.count, $1.language.rawValue) }
        prices = Band.all(Self.priceEdges(in: currency), counts: Self.bands(tallies[.price]))
        durationsMilliseconds = Band.all(
            Self.durationEdgesMilliseconds, counts: Self.bands(tallies[.duration]))
    }

    /// The largest first.
    private static func choices<Entity>(_ tallies: [Tally]?) -> [Choice<Entity>] {
        (tallies ?? []).map { tally in
            guard let id = Identifier<Entity>(tally.key), let slug = tally.slug, let name = tally.name else {
                preconditionFailure("a choice of a facet without a name")
            }
            let parent = tally.parent.flatMap { Identifier<Entity>($0) }
            return Choice(id: id, slug: slug, name: name, parent: parent, count: tally.count)
        }.sorted { ($1.count, $0.name, $0.slug.rawValue) < ($0.count, $1.name, $1.slug.rawValue) }
    }

    private static func bands(_ tallies: [Tally]?) -> [Int: Int] {
        var counts: [Int: Int] = [:]
        for tally in tallies ?? [] { counts[Int(tally.key) ?? 0] = tally.count }
        return counts
    }
}
