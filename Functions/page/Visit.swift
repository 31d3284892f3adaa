import Core
import FoundationEssentials
import Pages

/// Somebody looks at a page: in their language, and with the theme they chose.
struct Visit {
    let request: Request
    let shop: Shop
    let say: Messages
    private let site: Site

    struct NoMessages: Error {}

    init(_ request: Request, to shop: Shop, of site: Site) throws {
        (self.request, self.shop, self.site) = (request, shop, site)
        let chosen = request.cookies["earshelf-language"].flatMap(PageLanguage.init)
        guard
            let messages = site.messages[
                chosen ?? PageLanguage(preferred: request.headers["accept-language"])]
        else { throw NoMessages() }
        say = messages
    }

    /// What the path names. What is no slug names nothing.
    func reference<Entity>(of type: Entity.Type = Entity.self) throws -> Reference<Entity> {
        guard let slug = request.parameters["slug"].flatMap({ Slug(rawValue: $0) }) else {
            throw Problem.notFound
        }
        return .slug(slug)
    }

    /// A page that is somebody's own: its frame is everybody's.
    func frame() throws -> Response {
        let page = request.path.split(separator: "/").first.map(String.init) ?? ""
        return try answer(
            200, "private", title: say("common.page.\(page)"), isHidden: true, ["page": .text(page)])
    }

    /// What came in the way, as a page of its own.
    func answer(to error: any Error) throws -> Response {
        let problem = (error as? any ProblemConvertible)?.problem
        switch problem?.status {
        // An address that somebody made up, or a list that has changed since: the list from its beginning.
        case 400: return Response(303, bytes: [], type: nil, headers: ["location": plainAddress])
        case 404: return try answer(404, "not-found", title: say("common.notFound.title"), isHidden: true)
        default:
            log("a page failed", ["error": "\(error)"], level: .error)
            return try answer(
                problem?.status ?? 500, "error", title: say("common.failure.title"), isHidden: true,
                ["isSoon": .flag(problem?.status == 503)])
        }
    }

    /// One page of the layout, filled.
    ///
    /// - title: all of it where `isWhole`, else what stands before the shop's name
    /// - facts: what search engines read of it (schema.org), as JSON-LD
    func answer(
        _ status: Int, _ template: String, title: String, isWhole: Bool = false, description: String? = nil,
        kind: String = "website", image: String? = nil, isHidden: Bool = false, facts: [LinkedData] = [],
        _ members: [String: PageValue] = [:]
    ) throws -> Response {
        let theme = request.cookies["earshelf-theme"].flatMap { ["light", "dark"].contains($0) ? $0 : nil }
        var partials = site.templates
        partials["body"] = partials[template]
        guard let layout = partials["layout"] else { throw Template.Missing(partial: "layout") }
        let common: [String: PageValue] = [
            "language": .text(say.language.rawValue), "direction": .text(say.language.direction),
            "theme": PageValue(theme),
            "isSignedIn": .flag(request.cookies["earshelf-signed-in"]?.isEmpty == false),
            "title": .text(isWhole ? title : say("common.pageTitle", ["title": title])),
            "description": PageValue(description.map(Self.short)),
            "canonical": status == 200 && !isHidden ? .text(shop.storeURL + request.path) : "",
            "image": PageValue(image), "kind": .text(kind), "isHidden": .flag(isHidden),
            "here": .text(here.asValue), "search": PageValue(request.query["q"]), "text": say.nested,
        ]
        let html = try layout.rendered(
            with: .members(common.merging(members) { _, own in own }), partials: partials
        ).inserting(facts.map(\.element).joined(), before: "</head>")
        var answer = Response(
            status, bytes: Array(html.utf8), type: "text/html; charset=utf-8", headers: headers)
        if status == 200 { answer = answer.tagged(for: request) }
        return answer
    }

    /// This page without what its query says, but for what is searched for.
    var plainAddress: String {
        let words = request.query["q"].map {
            String($0.filter { $0 != "\0" }.prefix(CatalogueQuery.longestText))
        }
        return Address(request.path, ["q": words ?? ""]).text
    }

    private var here: Address {
        Address(
            request.path, request.query.names.flatMap { name in request.query.all(name).map { (name, $0) } }
        )
    }

    private static func short(_ text: String) -> String {
        let line = text.split(whereSeparator: \.isWhitespace).joined(separator: " ")
        return line.count <= 160 ? line : line.prefix(159) + "…"
    }

    private var headers: [String: String] {
        [
            "cache-control": "private, no-cache", "vary": "Accept-Language, Cookie",
            "content-language": say.language.rawValue, "content-security-policy": site.contentSecurityPolicy,
            "x-content-type-options": "nosniff", "referrer-policy": "strict-origin-when-cross-origin",
            "cross-origin-opener-policy": "same-origin",
        ]
    }
}
