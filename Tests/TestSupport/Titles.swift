public import Bookshop
public import Postgres
import Records

extension Transaction {
    /// A book on sale as a shop has it.
    @discardableResult
    public func shelve(
        _ title: String, subtitle: String? = nil, by author: String = "Anonymous",
        readBy narrator: String = "A Reader",
        in language: String = "en", saying description: String = "", price: Int = 1499,
        _ currency: Currency = .eur, durationMilliseconds: Int = 180_000, editor: Editor.ID
    ) throws -> Audiobook.ID {
        let book = try create(
            BookDescription(
                title: title, subtitle: subtitle, text: description,
                language: LanguageTag(rawValue: language)!,
                people: [Credit(name: author, role: .author), Credit(name: narrator, role: .narrator)]),
            by: editor)
        try record(book, by: editor, durationMilliseconds: durationMilliseconds)
        try setPrice(Money(minorUnits: price, currency: currency), of: book, by: editor)
        let page = try audiobook(.id(book), in: currency, seenBy: .editor)
        try publish(book, ifVersion: page?.version ?? 0)
        return book
    }
}
