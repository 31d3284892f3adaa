public import Bookshop
public import Postgres

extension Transaction {
    /// One page of what is asked for, and what else is to be told of it.
    public func find(
        _ query: CatalogueQuery, after cursor: Cursor? = nil, size: PageSize = .standard,
        telling extras: Finding.Extras = [], remembering memory: FacetMemory = FacetMemory()
    ) throws -> Finding {
        var sought = try sought(query, isOneOfSeveral: !extras.isEmpty)
        var meant: String?
        // A page of guesses goes on in guesses.
        let goesOn = cursor.map { $0.list.hasSuffix(".guess") } ?? false
        var page = goesOn ? nil : try page(of: sought, after: cursor, size: size)
        if extras.contains(.guesses), page.map({ $0.items.isEmpty && cursor == nil }) ?? true,
            let guess = try guess(what: sought)
        {
            let found = try self.page(of: guess.sought, after: cursor, size: size)
            if !found.items.isEmpty {
                (sought, page) = (guess.sought, found)
                meant = try found.items.first.flatMap { try whatWasMeant(guess, by: $0.id) }
            }
        }
        guard let page else { throw ForeignCursor() }
        return Finding(
            page: page, total: extras.contains(.total) ? try total(of: sought, remembering: memory) : nil,
            facets: extras.contains(.facets) ? try facets(of: sought, remembering: memory) : nil, meant: meant
        )
    }
}
