/// One branch of the tree by which books are found.
public struct Category: Hashable, Sendable {
    public typealias ID = Identifier<Category>

    public let id: ID
    public let slug: Slug
    public let name: String
    public let parent: ID?
    public let position: Int
    public let version: Int

    public init(id: ID, slug: Slug, name: String, parent: ID?, position: Int, version: Int) {
        (self.id, self.slug, self.name, self.parent) = (id, slug, name, parent)
        (self.position, self.version) = (position, version)
    }
}

/// What an editor says of a category, checked.
public struct CategoryDescription: Hashable, Sendable {
    public let name: String
    /// Made of the name where none is told.
    public let slug: Slug?
    public let parent: Category.ID?
    /// Among those of one parent, smaller ones come first; those of one position are in the order of their
    /// names.
    public let position: Int

    public static let positions = -1_000_000...1_000_000

    public init(name: String, slug: Slug? = nil, parent: Category.ID? = nil, position: Int = 0)
        throws(ShelfError)
    {
        guard name.trimmed.fits(1...100) else { throw .name(longest: 100) }
        guard Self.positions.contains(position) else { throw .position }
        (self.name, self.slug, self.parent, self.position) = (name.trimmed, slug, parent, position)
    }
}

/// A category by its name, as the page of a book tells it.
public struct CategoryName: Hashable, Codable, Sendable {
    public let id: Category.ID
    public let slug: Slug
    public let name: String
}
