public import FoundationEssentials

/// The thing sold: one recording of one work, as its page and its editors see it.
public struct Audiobook: Hashable, Sendable {
    public typealias ID = Identifier<Audiobook>

    public enum State: String, CaseIterable, Codable, Sendable {
        case draft, published, unlisted, archived
    }

    public let id: ID
    public let slug: Slug
    public let title: String
    public let subtitle: String?
    public let description: String
    public let language: LanguageTag
    public let state: State
    public let people: [Credit]
    public let price: Money?
    public let edition: Edition.ID?
    public let durationMilliseconds: Int?
    public let publishedAt: Date?
    public let version: Int

    public init(
        id: ID, slug: Slug, title: String, subtitle: String?, description: String, language: LanguageTag,
        state: State, people: [Credit], price: Money?, edition: Edition.ID?, durationMilliseconds: Int?,
        publishedAt: Date?, version: Int
    ) {
        (self.id, self.slug, self.title, self.subtitle) = (id, slug, title, subtitle)
        (self.description, self.language, self.state, self.people) = (description, language, state, people)
        (self.price, self.edition, self.durationMilliseconds) = (price, edition, durationMilliseconds)
        (self.publishedAt, self.version) = (publishedAt, version)
    }

    /// How a request names a book.
    public enum Reference: Hashable, Sendable {
        case id(ID)
        case slug(Slug)

        public init?(_ text: String) {
            if let id = ID(text) {
                self = .id(id)
            } else if let slug = Slug(rawValue: text) {
                self = .slug(slug)
            } else {
                return nil
            }
        }
    }
}

/// One version of a recording. It is replaced and never edited, so that listeners keep their place.
public enum Edition { public typealias ID = Identifier<Edition> }

/// What somebody did for a book.
public struct Credit: Hashable, Codable, Sendable {
    public enum Role: String, CaseIterable, Codable, Sendable {
        case author, narrator, translator, editor, publisher
    }

    public let name: String
    public let role: Role

    public init(name: String, role: Role) { (self.name, self.role) = (name, role) }

    /// "George Eliot" stands under E. Only a guess: an editor may know better.
    public var sortName: String {
        let words = name.split(separator: " ")
        guard words.count > 1, let last = words.last else { return name }
        return "\(last), \(words.dropLast().joined(separator: " "))"
    }
}

/// Why what an editor wrote of a book cannot be taken.
public enum DescriptionError: Error, Equatable {
    case title(length: Int)
    case subtitle(length: Int)
    case description(length: Int)
    case tooManyPeople
    case name(length: Int)
    case namedTwice(Credit)
}

/// What an editor says of a book, checked: only this is written down.
public struct BookDescription: Hashable, Sendable {
    public let title: String
    public let subtitle: String?
    public let text: String
    public let language: LanguageTag
    public let people: [Credit]

    public static let maximumPeople = 50

    public init(
        title: String, subtitle: String? = nil, text: String = "", language: LanguageTag, people: [Credit]
    ) throws(DescriptionError) {
        let title = title.trimmed, subtitle = subtitle?.trimmed
        guard (1...300).contains(title.count) else { throw .title(length: title.count) }
        if let subtitle, !(1...300).contains(subtitle.count) { throw .subtitle(length: subtitle.count) }
        guard text.count <= 20_000 else { throw .description(length: text.count) }
        guard people.count <= Self.maximumPeople else { throw .tooManyPeople }
        var seen: Set<Credit> = []
        for person in people.map({ Credit(name: $0.name.trimmed, role: $0.role) }) {
            guard (1...200).contains(person.name.count) else { throw .name(length: person.name.count) }
            guard seen.insert(person).inserted else { throw .namedTwice(person) }
        }
        (self.title, self.subtitle, self.text, self.language) = (title, subtitle, text, language)
        self.people = people.map { Credit(name: $0.name.trimmed, role: $0.role) }
    }
}

/// Why an editor's wish about a book is refused.
public enum CatalogueError: Error, Equatable {
    case noSuchBook
    /// Somebody else changed it meanwhile; this is its version now.
    case changedMeanwhile(version: Int)
    case cannotPublish(Set<PublicationGap>)
    case illegalTransition(from: Audiobook.State, to: Audiobook.State)
}

/// What a book lacks before anybody may buy it.
public enum PublicationGap: String, CaseIterable, Codable, Sendable {
    case recording, price, author
}

/// One line of the catalogue.
public struct Listing: Hashable, Sendable {
    public let id: Audiobook.ID
    public let slug: Slug
    public let title: String
    public let subtitle: String?
    public let language: LanguageTag
    public let authors: [String]
    public let narrators: [String]
    public let price: Money
    public let durationMilliseconds: Int
    public let publishedAt: Date

    public init(
        id: Audiobook.ID, slug: Slug, title: String, subtitle: String?, language: LanguageTag,
        authors: [String], narrators: [String], price: Money, durationMilliseconds: Int, publishedAt: Date
    ) {
        (self.id, self.slug, self.title, self.subtitle) = (id, slug, title, subtitle)
        (self.language, self.authors, self.narrators, self.price) = (language, authors, narrators, price)
        (self.durationMilliseconds, self.publishedAt) = (durationMilliseconds, publishedAt)
    }
}

extension String {
    /// Without blanks at either end.
    var trimmed: String {
        String(drop(while: \.isWhitespace).reversed().drop(while: \.isWhitespace).reversed())
    }
}
