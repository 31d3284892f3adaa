// Finds books by words, and passages in the books one owns, forgiving how they are typed:
// GET /search · GET /search/suggestions · GET /search/passages
//
// It reads and changes nothing, so it may be asked again at will.

import Core
import FoundationEssentials
import World

func search(_ request: Request, in shop: Shop) throws -> Response {
    switch request.route {
    case "GET /api/v1/search": try find(request, in: shop)
    case "GET /api/v1/search/suggestions": try suggest(request, in: shop)
    case "GET /api/v1/search/passages": try inside(request, in: shop)
    default: throw Problem.notFound
    }
}

func find(_ request: Request, in shop: Shop) throws -> Response {
    let wanted = try request.searchRequest(pricedIn: shop.currency)
    let finding = try shop.database.transaction(.readOnly) { transaction in
        try transaction.find(
            wanted.query, after: wanted.cursor, size: wanted.size, telling: wanted.extras,
            remembering: shop.facetMemory)
    }
    return try Response(200, CatalogueAnswer(finding))
}

func suggest(_ request: Request, in shop: Shop) throws -> Response {
    try request.refuseUnknownQuery(allowing: ["q"])
    guard let text = try request.query.searchText else {
        throw Query.refusal(of: "q", "Say what is typed so far.")
    }
    let suggestions = try shop.database.transaction(.readOnly) { try $0.suggestions(for: text) }
    return try Response(
        200, SuggestionsAnswer(items: suggestions.map(SuggestionAnswer.init)),
        headers: ["cache-control": "public, max-age=60"])
}

func inside(_ request: Request, in shop: Shop) throws -> Response {
    let customer = try shop.identity.customer(request)
    let book = try request.query.parsed("audiobookId", expecting: "the id of a book") { Audiobook.ID($0) }
    return try shop.passages(request, of: customer, in: book, allowing: ["audiobookId"])
}

struct SuggestionsAnswer: Encodable {
    let items: [SuggestionAnswer]
}

struct SuggestionAnswer: Encodable {
    let kind: Suggestion.Kind
    let id: String
    let slug: Slug
    let text: String

    init(_ suggestion: Suggestion) {
        (kind, id) = (suggestion.kind, suggestion.id.uuidString.lowercased())
        (slug, text) = (suggestion.slug, suggestion.text)
    }
}

Lambda.serve({ try Shop.live().reaching(.index) }, http: search)
