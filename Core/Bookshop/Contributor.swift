/// Somebody who made books: who wrote, who reads. Two people of one name are told apart by a distinction.
public struct Contributor: Hashable, Sendable {
    public typealias ID = Identifier<Contributor>

    public let id: ID
    public let slug: Slug
    public let name: String
    public let sortName: String
    public let distinction: String
    public let biography: String
    public let version: Int

    public init(
        id: ID, slug: Slug, name: String, sortName: String, distinction: String, biography: String,
        version: Int
    ) {
        (self.id, self.slug, self.name, self.sortName) = (id, slug, name, sortName)
        (self.distinction, self.biography, self.version) = (distinction, biography, version)
    }

    /// "George Eliot" stands under E. Only a guess: an editor may know better.
    public static func sortName(of name: String) -> String {
        let words = name.split(separator: " ")
        guard words.count > 1, let last = words.last else { return name }
        return "\(last), \(words.dropLast().joined(separator: " "))"
    }
}

/// What an editor says of a person, checked.
public struct ContributorDescription: Hashable, Sendable {
    public let name: String
    public let sortName: String
    /// "the elder", "1775–1817"; empty where nobody else has the name.
    public let distinction: String
    public let biography: String

    public init(
        name: String, sortName: String? = nil, distinction: String = "", biography: String = ""
    ) throws(ShelfError) {
        let name = name.trimmed, distinction = distinction.trimmed
        guard name.fits(1...200) else { throw .name(longest: 200) }
        let sortName = sortName?.trimmed ?? Contributor.sortName(of: name)
        guard sortName.fits(1...201) else { throw .sortName }
        guard distinction.fits(0...200) else { throw .distinction }
        guard biography.fitsInLines(0...5000) else { throw .biography }
        (self.name, self.sortName) = (name, sortName)
        (self.distinction, self.biography) = (distinction, biography)
    }
}

/// Why a person, a series or a category cannot be as an editor says.
public enum ShelfError: Error, Equatable {
    case name(longest: Int)
    case sortName, distinction, biography, description
    case position
    /// The address or the name is another's.
    case slugTaken, nameTaken
    case noSuchParent
    /// Below itself, or deeper than a tree of ours may be.
    case notATree
    /// There are books in it, or categories below it.
    case inUse
    case noSuchEntry
    /// Somebody else changed it meanwhile; this is its version now.
    case changedMeanwhile(version: Int)
}
