import Core

/// What a new book is said to be.
struct NewBook: Decodable {
    let title: String
    let subtitle: String?
    let description: String?
    let language: LanguageTag
    let people: [Credit]
}

extension NewBook {
    func checked() throws(DescriptionError) -> BookDescription {
        try BookDescription(
            title: title, subtitle: subtitle, text: description ?? "", language: language, people: people)
    }
}

/// What is to change of a book; what is left out stays.
struct BookChange: Decodable {
    let title: String?
    let subtitle: String?
    let description: String?
    let language: LanguageTag?
    let people: [Credit]?
    let price: Money?
    let state: Audiobook.State?

    var describes: Bool {
        title != nil || subtitle != nil || description != nil || language != nil || people != nil
    }

    func description(of book: Audiobook) throws(DescriptionError) -> BookDescription {
        try BookDescription(
            title: title ?? book.title, subtitle: subtitle ?? book.subtitle,
            text: description ?? book.description, language: language ?? book.language,
            people: people ?? book.people)
    }
}

extension Transaction {
    /// All of a change or nothing of it. The version is held against the first step; the later ones build on
    /// it.
    func apply(
        _ change: BookChange, to id: Audiobook.ID, ifVersion version: Int, by editor: Editor.ID,
        in currency: Currency
    ) throws {
        guard let book = try audiobook(.id(id), in: currency, seenBy: .editor) else {
            throw CatalogueError.noSuchBook
        }
        guard book.version == version else { throw CatalogueError.changedMeanwhile(version: book.version) }
        if change.describes { try describe(id, as: change.description(of: book), ifVersion: version) }
        if let price = change.price {
            try setPrice(Money.price(price.minorUnits, price.currency), of: id, by: editor)
        }
        guard let state = change.state, state != book.state else { return }
        let now = try audiobook(.id(id), in: currency, seenBy: .editor)?.version ?? version
        switch state {
        case .published: try publish(id, ifVersion: now)
        case .unlisted: try unlist(id, ifVersion: now)
        case .archived: try archive(id, ifVersion: now)
        case .draft: throw CatalogueError.illegalTransition(from: book.state, to: .draft)
        }
    }
}
