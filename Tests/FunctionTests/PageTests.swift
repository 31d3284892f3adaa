import Core
import Foundation
import Pages
import TestSupport
import Testing

@testable import page

/// What the shop shows to whoever comes by, with the storefront's own templates.
@Suite struct PageTests {
    private var site: SiteFolder {
        let here = URL(filePath: #filePath).deletingLastPathComponent()
        return SiteFolder(
            here.appending(path: "../../Storefront").standardized.path, media: "https://store.test")
    }

    private func page(
        _ route: String, slug: String? = nil, _ query: Query = [:], cookies: [String: String] = [:],
        headers: [String: String] = [:], in shop: Shop
    ) -> Response {
        var request = Request(
            "GET \(route)", parameters: slug.map { ["slug": $0] } ?? [:], query: query, headers: headers,
            cookies: cookies)
        request.path = slug.map { route.replacing("{slug}", with: $0) } ?? route
        return Lambda.answer(request) { try shown($0, in: shop, of: site.current()) }
    }

    private func withShelf(_ body: (Shop, TestDatabase) throws -> Void) throws {
        try withDatabase { database in
            try database.prepared { transaction in
                let editor = try transaction.person("e", .editor)
                try transaction.shelve(
                    "Emma", by: "Jane Austen", price: 499, durationMilliseconds: 3_600_000, editor: editor)
                try transaction.shelve("Persuasion", by: "Jane Austen", price: 1499, editor: editor)
                try transaction.shelve("Faust", by: "Goethe", in: "de", price: 0, editor: editor)
                _ = try transaction.draft("Sanditon", by: editor)
            }
            var shop = database.shop(of: "page")
            shop.links = .plain
            try body(shop, database)
        }
    }

    @Test func `search engines find what is on sale, and nothing else`() throws {
        try withShelf { shop, _ in
            let robots = page("/robots.txt", in: shop)
            #expect(robots.text.contains("Sitemap: https://shop.test/sitemap.xml\n"))
            let index = page("/sitemap.xml", in: shop)
            #expect(index.headers["content-type"] == "application/xml; charset=utf-8")
            #expect(index.text.contains("<loc>https://shop.test/sitemaps/books/emma</loc>"))
            #expect(index.text.contains("<loc>https://shop.test/sitemaps/people/a-reader</loc>"))
            func sitemap(_ kind: String, _ slug: String) -> Response {
                var request = Request(
                    "GET /sitemaps/{kind}/{slug}", parameters: ["kind": kind, "slug": slug])
                request.path = "/sitemaps/\(kind)/\(slug)"
                return Lambda.answer(request) { try shown($0, in: shop, of: site.current()) }
            }
            let books = sitemap("books", "emma").text
            for slug in ["emma", "faust", "persuasion"] {
                #expect(books.contains("<loc>https://shop.test/books/\(slug)</loc><lastmod>20"))
            }
            #expect(!books.contains("sanditon") && !index.text.contains("sanditon"))
            #expect(!sitemap("books", "faust").text.contains("emma"))
            #expect(sitemap("orders", "a").statusCode == 404 && sitemap("books", "A B").statusCode == 404)
        }
    }

    @Test func `every page can be read, and says what it is`() throws {
        try withShelf { shop, _ in
            for (route, slug, title) in [
                ("/", nil, "Earshelf"), ("/search", nil, "All 3 books"), ("/books/{slug}", "emma", "Emma"),
                ("/people/{slug}", "jane-austen", "Jane Austen"), ("/cart", nil, "Cart"),
                ("/office/{section}", nil, "Back office"),
            ] {
                let answer = page(route, slug: slug, in: shop)
                #expect(answer.statusCode == 200, "\(route)")
                #expect(answer.text.contains("<title>\(title) ·"), "\(route)")
                #expect(answer.headers["content-type"] == "text/html; charset=utf-8")
                #expect(!answer.text.contains("{{"))
            }
            let book = page("/books/{slug}", slug: "emma", in: shop)
            #expect(book.text.contains("€4.99") && book.text.contains("More by Jane Austen"))
            #expect(book.text.contains(#""@type":"Audiobook""#) && book.text.contains(#""price":"4.99""#))
            #expect(book.text.contains(#"<link rel="canonical" href="https://shop.test/books/emma">"#))
            #expect(page("/books/{slug}", slug: "faust", in: shop).text.contains("Free"))
        }
    }

    @Test func `what is no book for anybody is no page, by whatever name`() throws {
        try withShelf { shop, database in
            for slug in ["sanditon", "nobody", "..", "a b", "EMMA"] {
                let answer = page("/books/{slug}", slug: slug, in: shop)
                #expect(answer.statusCode == 404 && answer.text.contains("There is nothing here"), "\(slug)")
            }
            #expect(!page("/search", ["q": "sanditon"], in: shop).text.contains("/books/sanditon"))
            try database.prepared {
                _ = try $0.run("UPDATE catalogue.audiobooks SET state = 'unlisted' WHERE slug = 'emma'")
            }
            let unlisted = page("/books/{slug}", slug: "emma", in: shop)
            #expect(unlisted.statusCode == 200 && unlisted.text.contains("noindex"))
            try database.prepared {
                _ = try $0.run("UPDATE catalogue.audiobooks SET state = 'archived' WHERE slug = 'emma'")
            }
            #expect(page("/books/{slug}", slug: "emma", in: shop).statusCode == 404)
        }
    }

    @Test func `what somebody wrote is text, and never a part of the page`() throws {
        try withDatabase { database in
            let hostile = #"</script><script>alert("1")</script> & ‮"x" {{title}}"#
            let slug: String? = try database.prepared { transaction in
                let editor = try transaction.person("e", .editor)
                let book = try transaction.shelve(hostile, by: hostile, price: 499, editor: editor)
                return try transaction.value("SELECT slug FROM catalogue.audiobooks WHERE id = \(book)")
            }
            var shop = database.shop(of: "page")
            shop.links = .plain
            for answer in [
                page("/books/{slug}", slug: slug, in: shop), page("/", in: shop),
                page("/search", ["q": hostile], in: shop),
            ] {
                #expect(answer.statusCode == 200)
                #expect(!answer.text.contains("<script>") && answer.text.contains("&lt;script&gt;"))
                let data = answer.text.split(separator: "ld+json\">").dropFirst().map {
                    $0.prefix { $0 != "<" }
                }
                for document in data {
                    #expect(throws: Never.self) {
                        _ = try JSONSerialization.jsonObject(with: Data(document.utf8))
                    }
                }
            }
        }
    }

    @Test func `a page speaks the language and wears the theme that was chosen`() throws {
        try withShelf { shop, _ in
            let asked = page("/", headers: ["accept-language": "ar"], in: shop)
            #expect(
                asked.text.contains(#"<html lang="ar" dir="rtl">"#)
                    && asked.headers["content-language"] == "ar")
            let chosen = page(
                "/",
                cookies: [
                    "earshelf-language": "en", "earshelf-theme": "dark", "earshelf-signed-in": "1800000000",
                ],
                headers: ["accept-language": "ar"], in: shop)
            #expect(chosen.text.contains(#"<html lang="en" dir="ltr" data-theme="dark" data-signed-in>"#))
            let forged = page(
                "/", cookies: ["earshelf-language": "xx", "earshelf-theme": "\"><b>"], in: shop)
            #expect(forged.text.contains(#"<html lang="en" dir="ltr">"#))
        }
    }

    @Test func `who has a page already is told so, and nothing runs on it but the shop's own`() throws {
        try withShelf { shop, _ in
            let first = page("/", in: shop)
            let tag = try #require(first.headers["etag"])
            #expect(page("/", headers: ["if-none-match": tag], in: shop).statusCode == 304)
            #expect(
                page("/", cookies: ["earshelf-theme": "dark"], headers: ["if-none-match": tag], in: shop)
                    .statusCode == 200)
            let policy = try #require(first.headers["content-security-policy"])
            #expect(
                policy.contains("script-src 'self';") && policy.contains("require-trusted-types-for 'script'")
            )
            #expect(!policy.contains("unsafe"))
        }
    }

    @Test func `a list is narrowed by its links, and what others hang on to them is left out`() throws {
        try withShelf { shop, _ in
            let all = page("/search", ["utm_source": "x", "sort": "price"], in: shop)
            #expect(all.text.contains(#"href="/search?sort=price&amp;author=jane-austen""#))
            #expect(all.text.contains(#"href="/search?sort=price&amp;maxPrice=499""#))
            #expect(!all.text.contains("utm_source=x&amp;"))
            let narrowed = page(
                "/search", ["author": "jane-austen", "minPrice": "500", "maxPrice": "999"], in: shop)
            #expect(
                narrowed.text.contains("No books")
                    && narrowed.text.contains(#"href="/search?author=jane-austen""#))
            #expect(page("/search", ["q": "emna"], in: shop).text.contains(#"href="/search?q=emma""#))
        }
    }

    private static let made: [(Query, String)] = [
        (["minPrice": "x"], "/search"), (["cursor": "x", "q": "emma"], "/search?q=emma"),
        (["sort": "relevance"], "/search"), (["q": "a\0b", "language": "?"], "/search?q=ab"),
    ]

    @Test(arguments: made)
    func `an address of nothing leads to the list from its beginning`(query: Query, location: String) throws {
        try withShelf { shop, _ in
            let answer = page("/search", query, in: shop)
            #expect(answer.statusCode == 303 && answer.headers["location"] == location)
        }
    }

    @Test func `records that are away are told of by a page`() throws {
        try withShelf { shop, _ in
            var away = shop
            away.database = Connection("postgresql://nobody@127.0.0.1:1/none", role: nil)
            let answer = page("/", in: away)
            #expect(answer.statusCode == 503 && answer.text.contains("Try again"))
            #expect(page("/cart", in: away).statusCode == 200, "a frame needs no records")
        }
    }
}

/// Beside the suite, where its own `page` hides the function's.
private func shown(_ request: Request, in shop: Shop, of site: Site) throws -> Response {
    try page(request, in: shop, of: site)
}
