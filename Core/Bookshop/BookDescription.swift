/// What an editor says of a book, checked: only this is written down.
public struct BookDescription: Hashable, Sendable {
    public let title: String
    public let subtitle: String?
    public let text: String
    public let language: LanguageTag
    public let isbn13: ISBN13?
    public let people: [Credit]
    public let series: [SeriesEntry]
    public let categories: [Category.ID]

    public static let maximumPeople = 50
    public static let maximumSeries = 10
    public static let maximumCategories = 20

    public init(
        title: String, subtitle: String? = nil, text: String = "", language: LanguageTag,
        isbn13: ISBN13? = nil, people: [Credit], series: [SeriesEntry] = [], categories: [Category.ID] = []
    ) throws(DescriptionError) {
        let title = title.trimmed, subtitle = subtitle?.trimmed
        guard title.fits(1...300) else { throw .title }
        if let subtitle, !subtitle.fits(1...300) { throw .subtitle }
        guard text.fitsInLines(0...20_000) else { throw .description }
        (self.title, self.subtitle, self.text, self.language) = (title, subtitle, text, language)
        (self.isbn13, self.people) = (isbn13, try Self.checked(people))
        (self.series, self.categories) = (series, categories)
        guard series.count <= Self.maximumSeries else { throw .tooMany(.series) }
        guard categories.count <= Self.maximumCategories else { throw .tooMany(.categories) }
        if let index = series.firstIndex(where: { !($0.label ?? "1").fits(1...30) }) {
            throw .label(at: index)
        }
        if let index = series.map(\.series).firstRepetition { throw .repeated(.series, at: index) }
        if let index = categories.firstRepetition { throw .repeated(.categories, at: index) }
    }

    private static func checked(_ people: [Credit]) throws(DescriptionError) -> [Credit] {
        guard people.count <= maximumPeople else { throw .tooMany(.people) }
        var checked: [Credit] = []
        for (index, person) in people.enumerated() {
            guard let person = person.checked else { throw .name(at: index) }
            checked.append(person)
        }
        if let index = checked.firstRepetition { throw .repeated(.people, at: index) }
        return checked
    }
}

/// Why what an editor wrote of a book cannot be taken.
public enum DescriptionError: Error, Equatable {
    /// What a description has several of.
    public enum List: String, Sendable { case people, series, categories }

    case title, subtitle, description, isbn13
    case name(at: Int)
    case label(at: Int)
    case tooMany(List)
    case repeated(List, at: Int)
    /// What is referred to is not there.
    case unknown(List, at: Int)
    /// Another book has this ISBN.
    case isbnTaken
}

extension Array where Element: Hashable {
    /// Where something stands that stood before.
    var firstRepetition: Int? {
        var seen: Set<Element> = []
        return firstIndex { !seen.insert($0).inserted }
    }
}

extension String {
    /// Without blanks at either end.
    var trimmed: String {
        String(drop(while: \.isWhitespace).reversed().drop(while: \.isWhitespace).reversed())
    }

    /// Whether it is one line of such a length, as the database counts.
    func fits(_ length: ClosedRange<Int>) -> Bool {
        fitsInLines(length) && !unicodeScalars.contains { $0.value < 0x20 || $0.value == 0x7F }
    }

    /// Whether it is so long, and can be written down at all: NUL cannot.
    func fitsInLines(_ length: ClosedRange<Int>) -> Bool {
        length.contains(unicodeScalars.count) && !utf8.contains(0)
    }
}
