import Bookshop
import Foundation
import Testing

@Suite struct NameTests {
    @Test(arguments: [
        ("The Mill on the Floss", "the-mill-on-the-floss"),
        ("Émile, ou De l’éducation", "emile-ou-de-leducation"),
        ("Straße & Łódź", "strasse-lodz"), ("Æsop's Fables", "aesops-fables"), ("  1984 ", "1984"),
        ("e\u{301}tude", "etude"), ("戦争と平和", "audiobook"), ("", "audiobook"), ("---", "audiobook"),
        (String(repeating: "long ", count: 40), String(repeating: "long-", count: 15) + "long"),
        (String(repeating: "x", count: 200), String(repeating: "x", count: 80)),
    ])
    func `a slug is made of a title`(title: String, slug: String) {
        #expect(Slug(of: title).rawValue == slug)
        #expect(Slug(rawValue: Slug(of: title).rawValue) != nil)
    }

    @Test(arguments: [
        "", "-", "a-", "-a", "a--b", "A", "ä", "a b", "a/b", String(repeating: "a", count: 101),
    ])
    func `what is no slug is none`(text: String) { #expect(Slug(rawValue: text) == nil) }

    @Test(arguments: [
        ("en", true), ("en-GB", true), ("fil", true), ("e", false), ("engl", false), ("EN", false),
        ("en-gb", false), ("en-GBR", false), ("en-", false), ("en-GB-x", false), ("", false),
    ])
    func `a language is told by its tag`(tag: String, isOne: Bool) {
        #expect((LanguageTag(rawValue: tag) != nil) == isOne)
    }

    @Test(arguments: [
        (15, false), (16, true), (255, true), (256, false),
    ])
    func `a key has a length`(count: Int, isOne: Bool) {
        #expect((IdempotencyKey(rawValue: String(repeating: "k", count: count)) != nil) == isOne)
    }

    @Test(arguments: [" ", "\n", "é", "\u{7f}", "\0"])
    func `a key is visible ASCII`(character: String) {
        #expect(IdempotencyKey(rawValue: "0123456789abcdef" + character) == nil)
    }

    @Test(arguments: ["title", "a\u{1}b", "ünïcode", "", "2026-01-01 00:00:00+00"])
    func `a cursor is read back as it was made`(key: String) throws {
        let cursor = Cursor(list: "catalogue.title.EUR", key: key, id: UUID())
        #expect(
            cursor.rawValue.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber || "-_".contains($0)) })
        #expect(Cursor(rawValue: cursor.rawValue) == cursor)
    }

    @Test(arguments: ["", "x", "====", "!!!!", "AAAA", String(repeating: "A", count: 3000), "H9_f"])
    func `what is no cursor is none`(text: String) { #expect(Cursor(rawValue: text) == nil) }

    @Test(arguments: [(0, false), (1, true), (100, true), (101, false), (-1, false)])
    func `a page has a size`(size: Int, isOne: Bool) { #expect((PageSize(rawValue: size) != nil) == isOne) }

    @Test(arguments: [
        ("\"7\"", 7), ("\"0\"", 0), ("7", nil), ("W/\"7\"", nil), ("\"\"", nil), ("\"", nil), ("\"+7\"", nil),
        ("\"-7\"", nil), ("\"07\"", nil), ("\"2147483647\"", 2_147_483_647), ("\"2147483648\"", nil),
        ("\"99999999999999999999\"", nil), ("*", nil), ("\"7\", \"8\"", nil),
    ])
    func `a version is told by its tag`(text: String, version: Int?) {
        #expect(EntityTag(headerValue: text)?.version == version)
    }

    @Test func `a tag is read back as it was sent`() {
        #expect(EntityTag(headerValue: EntityTag(version: 12).description) == EntityTag(version: 12))
    }

    @Test func `an upload's key names it and nothing else does`() {
        let id = Upload.ID()
        #expect(Upload.id(ofObjectKey: Upload.objectKey(of: id)) == id)
        for key in [
            "u/\(id)/original/", "/u/\(id)/original", "u/\(id)", "u/\(id.rawValue.uuidString)/original",
            "v/\(id)/original", "u//original", "u/\(id)/other", "",
        ] { #expect(Upload.id(ofObjectKey: key) == nil, "\(key)") }
    }

    @Test func `a book is named by its id or its slug`() {
        let id = Audiobook.ID()
        #expect(Audiobook.Reference(id.description) == .id(id))
        #expect(Audiobook.Reference("emma") == Slug(rawValue: "emma").map { .slug($0) })
        #expect(Audiobook.Reference("No Such") == nil)
    }

    @Test func `ids are told apart and written in lower case`() throws {
        let id = Order.ID()
        #expect(id.description == id.description.lowercased())
        #expect(try JSONDecoder().decode(Order.ID.self, from: JSONEncoder().encode(id)) == id)
        #expect(Order.ID("no-uuid") == nil)
    }
}
