import Core

struct DescribedContributor: Decodable {
    let name: String
    let sortName: String?
    let distinction: String?
    let biography: String?

    func checked() throws(ShelfError) -> ContributorDescription {
        try ContributorDescription(
            name: name, sortName: sortName, distinction: distinction ?? "", biography: biography ?? "")
    }
}

struct ContributorAnswer: Encodable {
    let id: Contributor.ID
    let slug: Slug
    let name: String
    let sortName: String
    let distinction: String
    let biography: String
    let version: Int
    /// By title; only on the page of one.
    let books: ListAnswer<ShelvedBookAnswer>?

    init(_ person: Contributor, books: Page<ShelvedBook>? = nil) {
        (id, slug, name, sortName) = (person.id, person.slug, person.name, person.sortName)
        (distinction, biography, version) = (person.distinction, person.biography, person.version)
        self.books = books.map { ListAnswer($0, ShelvedBookAnswer.init) }
    }
}

func listContributors(_ request: Request, in shop: Shop) throws -> Response {
    try request.refuseUnknownQuery(allowing: ["cursor", "limit"])
    let (size, cursor) = try request.page()
    let viewer = try shop.identity.viewer(request)
    let page = try shop.database.transaction(.readOnly) { transaction in
        try transaction.contributors(seenBy: viewer, after: cursor, size: size)
    }
    return try Response(200, ListAnswer(page) { ContributorAnswer($0) })
}

func showContributor(_ request: Request, in shop: Shop) throws -> Response {
    let reference: Reference<Contributor> = try request.reference()
    try request.refuseUnknownQuery(allowing: ["cursor", "limit"])
    let (size, cursor) = try request.page()
    let viewer = try shop.identity.viewer(request)
    return try shop.database.transaction(.readOnly) { transaction in
        try transaction.contributorPage(reference, 200, seenBy: viewer, after: cursor, size: size)
    }
}

func createContributor(_ request: Request, in shop: Shop) throws -> Response {
    let editor = try shop.identity.editor(request)
    try request.refuseUnknownQuery()
    let description = try request.decoded(as: DescribedContributor.self).checked()
    return try shop.database.transaction(.readCommitted) { transaction in
        try transaction.once(request, of: editor.id) {
            try transaction.contributorPage(.id(transaction.create(description, by: editor.id)), 201)
        }
    }
}

func replaceContributor(_ request: Request, in shop: Shop) throws -> Response {
    let editor = try shop.identity.editor(request)
    let id: Contributor.ID = try request.id()
    try request.refuseUnknownQuery()
    let version = try request.expectedVersion.version
    let description = try request.decoded(as: DescribedContributor.self).checked()
    return try shop.database.transaction(.readCommitted) { transaction in
        try transaction.describe(id, as: description, by: editor.id, ifVersion: version)
        return try transaction.contributorPage(.id(id), 200)
    }
}

extension Transaction {
    fileprivate func contributorPage(
        _ reference: Reference<Contributor>, _ status: Int, seenBy viewer: Viewer = .editor,
        after cursor: Cursor? = nil, size: PageSize = .standard
    ) throws -> Response {
        guard let person = try contributor(reference, seenBy: viewer) else { throw ShelfError.noSuchEntry }
        let books = try books(of: person.id, seenBy: viewer, after: cursor, size: size)
        return try versioned(
            ContributorAnswer(person, books: books), person.version, status,
            at: "/api/v1/contributors/\(person.id)")
    }
}
