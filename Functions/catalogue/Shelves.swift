import Core
import FoundationEssentials

/// A book as it stands among others.
struct ShelvedBookAnswer: Encodable {
    let id: Audiobook.ID
    let slug: Slug
    let title: String
    let subtitle: String?
    let state: Audiobook.State
    /// What somebody did for it.
    let roles: [Credit.Role]?
    /// Where it stands in a series.
    let label: String?
    let sortKey: SeriesEntry.SortKey?
    let cover: [CoverAnswer]?
    let publishedAt: Date?

    init(_ book: ShelvedBook) {
        (id, slug, title, subtitle) = (book.id, book.slug, book.title, book.subtitle)
        (state, publishedAt) = (book.state, book.publishedAt)
        cover = book.hasCover ? CoverAnswer.all(of: book.id) : nil
        switch book.tie {
        case .credits(let roles): (self.roles, label, sortKey) = (roles, nil, nil)
        case .place(let label, let sortKey): (roles, self.label, self.sortKey) = (nil, label, sortKey)
        }
    }
}

/// An answer whose version is told, and if it is new, its address.
func versioned(_ answer: some Encodable, _ version: Int, _ status: Int, at address: String) throws -> Response
{
    var headers = ["etag": EntityTag(version: version).description]
    if status == 201 { headers["location"] = address }
    return try Response(status, answer, headers: headers)
}

extension Request {
    /// What the path names. What is neither id nor slug names nothing.
    func reference<Entity>(
        _ name: String = "id", of type: Entity.Type = Entity.self
    ) throws(Problem) -> Reference<Entity> {
        guard let reference = parameters[name].flatMap({ Reference<Entity>($0) }) else { throw .notFound }
        return reference
    }

    var book: Audiobook.Reference {
        get throws(Problem) { try reference() }
    }
}
