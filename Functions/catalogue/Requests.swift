import Core
import FoundationEssentials

/// Somebody as a request names them: by `id`, or by `name`. What else an answer told of them is passed over,
/// so that it may be sent back as it was.
struct PersonWish: Decodable {
    let id: Contributor.ID?
    let name: String?
    let role: Credit.Role

    /// A name that is none is refused with its place by the rules.
    var credit: Credit { Credit(id.map(Credit.Person.known) ?? .named(name ?? ""), as: role) }
}

struct SeriesWish: Decodable {
    let id: Series.ID
    let label: String?
    let sortKey: SeriesEntry.SortKey?

    var entry: SeriesEntry { SeriesEntry(id, label: label, sortKey: sortKey) }
}

struct CategoryWish: Decodable { let id: Core.Category.ID }

/// All that is said of a book. What is left out is not said.
struct DescribedBook: Decodable {
    let title: String
    let subtitle: String?
    let description: String?
    let language: LanguageTag
    let isbn13: String?
    let people: [PersonWish]
    let series: [SeriesWish]?
    let categories: [CategoryWish]?

    func checked() throws(DescriptionError) -> BookDescription {
        try BookDescription(
            title: title, subtitle: subtitle, text: description ?? "", language: language,
            isbn13: ISBN13(ifAny: isbn13), people: people.map(\.credit), series: (series ?? []).map(\.entry),
            categories: (categories ?? []).map(\.id))
    }
}

/// What is to change of a book; what is left out stays.
struct BookChange: Decodable {
    let title: Change<String>
    let subtitle: Change<String?>
    let description: Change<String>
    let language: Change<LanguageTag>
    let isbn13: Change<String?>
    let people: Change<[PersonWish]>
    let series: Change<[SeriesWish]>
    let categories: Change<[CategoryWish]>
    let price: Change<Money>
    let exports: Change<[Export.Format]>
    let state: Change<Audiobook.State>

    private var describes: Bool {
        title.isMade || subtitle.isMade || description.isMade || language.isMade || isbn13.isMade
            || people.isMade || series.isMade || categories.isMade
    }

    private func description(of book: Audiobook) throws(DescriptionError) -> BookDescription {
        try BookDescription(
            title: title.applied(to: book.title), subtitle: subtitle.applied(to: book.subtitle),
            text: description.applied(to: book.description), language: language.applied(to: book.language),
            isbn13: ISBN13(ifAny: isbn13.applied(to: book.isbn13?.rawValue)),
            people: people.mapped { $0.map(\.credit) }.applied(to: book.people.map(\.credit)),
            series: series.mapped { $0.map(\.entry) }.applied(to: book.series.map(\.entry)),
            categories: categories.mapped { $0.map(\.id) }.applied(to: book.categories.map(\.id)))
    }
}

extension ISBN13 {
    fileprivate init?(ifAny text: String?) throws(DescriptionError) {
        guard let text else { return nil }
        guard let isbn = ISBN13(rawValue: text) else { throw .isbn13 }
        self = isbn
    }
}

extension BookChange {
    /// All of a change or nothing of it. The version is held against the first step; the later ones build on
    /// it.
    func make(
        of id: Audiobook.ID, ifVersion version: Int, by editor: Editor.ID, in currency: Currency,
        _ transaction: borrowing Transaction
    ) throws {
        guard let book = try transaction.audiobook(.id(id), in: currency, seenBy: .editor) else {
            throw CatalogueError.noSuchBook
        }
        guard book.version == version else { throw CatalogueError.changedMeanwhile(version: book.version) }
        if describes {
            try transaction.describe(id, as: description(of: book), by: editor, ifVersion: version)
        }
        if case .becomes(let price) = price {
            try transaction.setPrice(Money.price(price.minorUnits, price.currency), of: id, by: editor)
        }
        func now() throws -> Int {
            try transaction.audiobook(.id(id), in: currency, seenBy: .editor)?.version ?? version
        }
        if case .becomes(let formats) = exports {
            if let index = formats.indices.first(where: { formats[..<$0].contains(formats[$0]) }) {
                throw ExportError.repeated(at: index)
            }
            try transaction.allow(formats, of: id, by: editor, ifVersion: now())
        }
        guard case .becomes(let state) = state, state != book.state else { return }
        let now = try now()
        switch state {
        case .published: try transaction.publish(id, by: editor, ifVersion: now)
        case .unlisted: try transaction.unlist(id, by: editor, ifVersion: now)
        case .archived: try transaction.archive(id, by: editor, ifVersion: now)
        case .draft: throw CatalogueError.illegalTransition(from: book.state, to: .draft)
        }
    }

    /// What the answer tells the price in: what it was just set in, if it was.
    func currency(or usual: Currency) -> Currency {
        guard case .becomes(let price) = price else { return usual }
        return price.currency
    }
}
