// The shop's pages: GET / · /search · /books/{slug} · /people/{slug} · /series/{slug} · /categories/{slug},
// which anybody and every search engine may read, and finds by /sitemap.xml; and the frames of the pages
// that are somebody's own, which their browser fills.
//
// All of it only reads. What is here is known to anybody: whoever asks is never looked up.

import Core
import FoundationEssentials
import Pages

func page(_ request: Request, in shop: Shop, of site: Site) throws -> Response {
    let visit = try Visit(request, to: shop, of: site)
    do {
        switch request.route {
        case "GET /": return try visit.home()
        case "GET /search": return try visit.search()
        case "GET /books/{slug}": return try visit.book()
        case "GET /people/{slug}": return try visit.person()
        case "GET /series/{slug}": return try visit.series()
        case "GET /categories/{slug}": return try visit.category()
        case "GET /robots.txt": return robots(in: shop)
        case "GET /sitemap.xml": return try sitemapIndex(in: shop)
        case "GET /sitemaps/{kind}/{slug}": return try sitemap(request, in: shop)
        case "GET /cart", "GET /checkout", "GET /orders",
            "GET /orders/{id}", "GET /library", "GET /library/{id}",
            "GET /account", "GET /gifts", "GET /gifts/redeem",
            "GET /office", "GET /office/{section}", "GET /office/{section}/{id}":
            return try visit.frame()
        default: throw Problem.notFound
        }
    } catch {
        return try visit.answer(to: error)
    }
}

/// The shop, and the templates and messages that the bundle brought along.
struct ShownShop: Serving {
    let shop: Shop
    let site: SiteFolder

    func begin(_ invocation: Invocation) { shop.begin(invocation) }
}

extension Shop {
    /// Where links to recordings and pictures lead: scheme and authority.
    fileprivate var mediaOrigin: String {
        get throws {
            let link = try links.download(bucket, "s/0", nil, 60).url
            return link.split(separator: "/", maxSplits: 3, omittingEmptySubsequences: false).prefix(3)
                .joined(separator: "/")
        }
    }
}

Lambda.serve(
    {
        let shop = try Shop.live()
        return try ShownShop(
            shop: shop, site: SiteFolder(Settings.required("LAMBDA_TASK_ROOT"), media: shop.mediaOrigin))
    },
    http: { try page($0, in: $1.shop, of: $1.site.current()) })
