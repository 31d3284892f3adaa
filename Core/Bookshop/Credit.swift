/// What somebody did for a book, as an editor says it.
public struct Credit: Hashable, Sendable {
    public enum Role: String, CaseIterable, Codable, Sendable {
        case author, narrator, translator, editor, publisher
    }

    public enum Person: Hashable, Sendable {
        /// Whoever bears this name without a distinction; made where nobody does.
        case named(String)
        case known(Contributor.ID)
    }

    public let person: Person
    public let role: Role

    public init(_ person: Person, as role: Role) { (self.person, self.role) = (person, role) }
    public init(name: String, role: Role) { self.init(.named(name), as: role) }

    /// Without blanks around the name; nil where that leaves none, or too much.
    var checked: Credit? {
        guard case .named(let name) = person else { return self }
        return name.trimmed.fits(1...200) ? Credit(name: name.trimmed, role: role) : nil
    }
}

/// What somebody did for a book, as its page tells it.
public struct Contribution: Hashable, Codable, Sendable {
    public let id: Contributor.ID
    public let slug: Slug
    public let name: String
    public let role: Credit.Role

    public init(id: Contributor.ID, slug: Slug, name: String, role: Credit.Role) {
        (self.id, self.slug, self.name, self.role) = (id, slug, name, role)
    }

    public var credit: Credit { Credit(.known(id), as: role) }
}
