/// Books that belong one after another.
public struct Series: Hashable, Sendable {
    public typealias ID = Identifier<Series>

    public let id: ID
    public let slug: Slug
    public let name: String
    public let description: String
    public let version: Int

    public init(id: ID, slug: Slug, name: String, description: String, version: Int) {
        (self.id, self.slug, self.name, self.description) = (id, slug, name, description)
        self.version = version
    }
}

/// What an editor says of a series, checked.
public struct SeriesDescription: Hashable, Sendable {
    public let name: String
    public let text: String

    public init(name: String, text: String = "") throws(ShelfError) {
        guard name.trimmed.fits(1...300) else { throw .name(longest: 300) }
        guard text.fitsInLines(0...5000) else { throw .description }
        (self.name, self.text) = (name.trimmed, text)
    }
}

/// Where a book stands in a series: "2.5" is what is shown, and what it is sorted by is a number of its own.
public struct SeriesEntry: Hashable, Sendable {
    public let series: Series.ID
    public let label: String?
    public let sortKey: SortKey

    public init(_ series: Series.ID, label: String? = nil, sortKey: SortKey? = nil) {
        (self.series, self.label) = (series, label?.trimmed)
        self.sortKey = sortKey ?? label.flatMap(SortKey.init(label:)) ?? .last
    }

    public struct SortKey: Hashable, Comparable, Sendable {
        public let thousandths: Int
        /// Where stands what has no number.
        public static let last = SortKey(checked: 99_999_999)

        public init?(thousandths: Int) {
            guard (0...Self.last.thousandths).contains(thousandths) else { return nil }
            self.thousandths = thousandths
        }

        private init(checked thousandths: Int) { self.thousandths = thousandths }

        /// By the first number in it: "Book 2.5" stands between 2 and 3, and "1–3" at 1.
        public init?(label: String) {
            let digits = label.drop { !("0"..."9").contains($0) }
            let whole = digits.prefix { ("0"..."9").contains($0) }
            var fraction = Substring()
            let rest = digits.dropFirst(whole.count)
            if rest.hasPrefix(".") || rest.hasPrefix(",") {
                fraction = rest.dropFirst().prefix { ("0"..."9").contains($0) }
            }
            guard let number = Int(whole), number < 100_000,
                let thousandths = Int((fraction + "000").prefix(3))
            else { return nil }
            self.init(thousandths: number * 1000 + thousandths)
        }

        public static func < (one: Self, other: Self) -> Bool { one.thousandths < other.thousandths }
    }
}

extension SeriesEntry.SortKey: Codable {
    public init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        let number = try container.decode(Double.self)
        guard (0...99_999.999).contains(number), let key = Self(thousandths: Int((number * 1000).rounded()))
        else {
            throw DecodingError.dataCorruptedError(
                in: container, debugDescription: "Expected a number from 0 to 99999.999.")
        }
        self = key
    }

    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(Double(thousandths) / 1000)
    }
}

/// A book's place in a series, as its page tells it.
public struct SeriesPlace: Hashable, Codable, Sendable {
    public let id: Series.ID
    public let slug: Slug
    public let name: String
    public let label: String?
    public let sortKey: SeriesEntry.SortKey

    public var entry: SeriesEntry { SeriesEntry(id, label: label, sortKey: sortKey) }
}
