import Core

struct DescribedSeries: Decodable {
    let name: String
    let description: String?

    func checked() throws(ShelfError) -> SeriesDescription {
        try SeriesDescription(name: name, text: description ?? "")
    }
}

struct SeriesAnswer: Encodable {
    let id: Series.ID
    let slug: Slug
    let name: String
    let description: String
    let version: Int
    /// As they follow one another; only on the page of one.
    let books: ListAnswer<ShelvedBookAnswer>?

    init(_ series: Series, books: Page<ShelvedBook>? = nil) {
        (id, slug, name, description) = (series.id, series.slug, series.name, series.description)
        version = series.version
        self.books = books.map { ListAnswer($0, ShelvedBookAnswer.init) }
    }
}

func listSeries(_ request: Request, in shop: Shop) throws -> Response {
    try request.refuseUnknownQuery(allowing: ["cursor", "limit"])
    let (size, cursor) = try request.page()
    let viewer = try shop.identity.viewer(request)
    let page = try shop.database.transaction(.readOnly) { transaction in
        try transaction.series(seenBy: viewer, after: cursor, size: size)
    }
    return try Response(200, ListAnswer(page) { SeriesAnswer($0) })
}

func showSeries(_ request: Request, in shop: Shop) throws -> Response {
    let reference: Reference<Series> = try request.reference()
    try request.refuseUnknownQuery(allowing: ["cursor", "limit"])
    let (size, cursor) = try request.page()
    let viewer = try shop.identity.viewer(request)
    return try shop.database.transaction(.readOnly) { transaction in
        try transaction.seriesPage(reference, 200, seenBy: viewer, after: cursor, size: size)
    }
}

func createSeries(_ request: Request, in shop: Shop) throws -> Response {
    let editor = try shop.identity.editor(request)
    try request.refuseUnknownQuery()
    let description = try request.decoded(as: DescribedSeries.self).checked()
    return try shop.database.transaction(.readCommitted) { transaction in
        try transaction.once(request, of: editor.id) {
            try transaction.seriesPage(.id(transaction.create(description, by: editor.id)), 201)
        }
    }
}

func replaceSeries(_ request: Request, in shop: Shop) throws -> Response {
    let editor = try shop.identity.editor(request)
    let id: Series.ID = try request.id()
    try request.refuseUnknownQuery()
    let version = try request.expectedVersion.version
    let description = try request.decoded(as: DescribedSeries.self).checked()
    return try shop.database.transaction(.readCommitted) { transaction in
        try transaction.describe(id, as: description, by: editor.id, ifVersion: version)
        return try transaction.seriesPage(.id(id), 200)
    }
}

extension Transaction {
    fileprivate func seriesPage(
        _ reference: Reference<Series>, _ status: Int, seenBy viewer: Viewer = .editor,
        after cursor: Cursor? = nil, size: PageSize = .standard
    ) throws -> Response {
        guard let series = try series(reference, seenBy: viewer) else { throw ShelfError.noSuchEntry }
        let books = try books(of: series.id, seenBy: viewer, after: cursor, size: size)
        return try versioned(
            SeriesAnswer(series, books: books), series.version, status, at: "/api/v1/series/\(series.id)")
    }
}
