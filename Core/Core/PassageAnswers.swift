public import Bookshop
public import Lambda
internal import Records

/// A passage as the API tells it.
struct PassageAnswer: Encodable {
    let audiobookId: Audiobook.ID
    let title: String
    let chapter: Int
    let chapterTitle: String
    let position: Int
    let milliseconds: Int
    let startMilliseconds: Int
    let endMilliseconds: Int
    let snippet: [FragmentAnswer]

    struct FragmentAnswer: Encodable {
        let text: String
        let isMatch: Bool
    }

    init(_ passage: Passage) {
        (audiobookId, title, position) = (passage.audiobook, passage.title, passage.position)
        (chapter, chapterTitle) = (passage.chapter, passage.chapterTitle)
        milliseconds = passage.milliseconds
        (startMilliseconds, endMilliseconds) = (passage.span.startMilliseconds, passage.span.endMilliseconds)
        snippet = passage.snippet.map { FragmentAnswer(text: $0.text, isMatch: $0.isMatch) }
    }
}

struct PassagesAnswer: Encodable {
    let items: [PassageAnswer]
    let next: String?
    let meant: String?
}

extension Shop {
    /// The passages of one book that the customer owns, or of all.
    public func passages(
        _ request: Request, of customer: Principal, in book: Audiobook.ID?, allowing more: Set<String> = []
    ) throws -> Response {
        try request.refuseUnknownQuery(allowing: more.union(["q", "cursor", "limit"]))
        let asked = try request.query.parsed(
            "q",
            expecting:
                "1 to \(PassageQuery.mostCharacters) characters with 1 to \(PassageQuery.mostParts) words or "
                + "phrases in quotes"
        ) { PassageQuery($0) }
        guard let asked else { throw Query.refusal(of: "q", "Say what to look for.") }
        let (size, cursor) = try request.page()
        try limit(request, .passages, of: customer.id)
        if let book {
            _ = try database.transaction(.readOnly) { try $0.entitlement(of: customer.id, to: book) }
        }
        let finding = try passages.find(
            PassageSearch(asked, of: customer.id, in: book, after: cursor, size: size))
        let answer = PassagesAnswer(
            items: finding.page.items.map(PassageAnswer.init), next: finding.page.next?.rawValue,
            meant: finding.meant)
        return try Response(200, answer, headers: ["cache-control": "private, no-store"])
    }
}
