import Core
import FoundationEssentials

/// A file has at most 50,000 pages (sitemaps.org), and an answer 6 MiB.
private let pagesOfSitemap = 10_000

/// What search engines may read, and where all of it is listed (RFC 9309).
func robots(in shop: Shop) -> Response {
    let text = """
        User-agent: *
        Disallow: /api/
        Disallow: /auth/
        Disallow: /office
        Disallow: /search?
        Sitemap: \(shop.storeURL)/sitemap.xml

        """
    return listing(text, type: "text/plain; charset=utf-8")
}

/// The list of the lists of pages (sitemaps.org, protocol 0.9).
func sitemapIndex(in shop: Shop) throws -> Response {
    let starts = try shop.database.transaction(.readOnly) { transaction in
        try PagedKind.allCases.flatMap { kind in
            try transaction.sitemapStarts(of: kind, every: pagesOfSitemap).map {
                "\(kind.rawValue)/\($0.rawValue)"
            }
        }
    }
    let sitemaps = starts.map { "<sitemap><loc>\(shop.storeURL)/sitemaps/\($0)</loc></sitemap>" }
    return xml("sitemapindex", sitemaps)
}

/// The pages of a kind from one on.
func sitemap(_ request: Request, in shop: Shop) throws -> Response {
    guard let kind = request.parameters["kind"].flatMap(PagedKind.init),
        let start = request.parameters["slug"].flatMap(Slug.init)
    else { throw Problem.notFound }
    let entries = try shop.database.transaction(.readOnly) {
        try $0.sitemap(of: kind, from: start, limit: pagesOfSitemap)
    }
    let pages = entries.map { entry in
        let changed = entry.changedAt.map { "<lastmod>\($0.formatted(.iso8601))</lastmod>" } ?? ""
        return "<url><loc>\(shop.storeURL)/\(kind.rawValue)/\(entry.slug.rawValue)</loc>\(changed)</url>"
    }
    return xml("urlset", pages)
}

private func xml(_ name: String, _ entries: [String]) -> Response {
    let head = #"<?xml version="1.0" encoding="UTF-8"?>"#
    let text =
        "\(head)<\(name) xmlns=\"http://www.sitemaps.org/schemas/sitemap/0.9\">\(entries.joined())</\(name)>"
    return listing(text, type: "application/xml; charset=utf-8")
}

private func listing(_ text: String, type: String) -> Response {
    Response(
        200, bytes: Array(text.utf8), type: type, headers: ["cache-control": "public, max-age=3600"])
}
