import Core
import FoundationEssentials

/// What a search engine reads of a page: schema.org's terms as JSON-LD.
struct LinkedData {
    private let document: [String: Fact]

    indirect enum Fact: Encodable {
        case text(String)
        case number(Int)
        case list([Fact])
        case thing([String: Fact])

        func encode(to encoder: any Encoder) throws {
            var container = encoder.singleValueContainer()
            switch self {
            case .text(let text): try container.encode(text)
            case .number(let number): try container.encode(number)
            case .list(let facts): try container.encode(facts)
            case .thing(let members): try container.encode(members)
            }
        }
    }

    private init(_ type: String, _ members: [String: Fact?]) {
        document = members.compactMapValues { $0 }
            .merging(["@context": .text("https://schema.org"), "@type": .text(type)]) { _, own in own }
    }

    /// Data, and nothing a browser runs. `<` is written as JSON may write it, so that no text ends the
    /// element.
    var element: String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        let json = (try? encoder.encode(document)).map { String(decoding: $0, as: UTF8.self) } ?? "{}"
        let safe = json.map { $0 == "<" ? "\\u003c" : String($0) }.joined()
        return "<script type=\"application/ld+json\">\(safe)</script>\n"
    }

    static func shop(at address: String, named name: String) -> LinkedData {
        LinkedData(
            "WebSite",
            [
                "name": .text(name), "url": .text(address + "/"),
                "potentialAction": .thing([
                    "@type": .text("SearchAction"),
                    "target": .text(address + "/search?q={search_term_string}"),
                    "query-input": .text("required name=search_term_string"),
                ]),
            ])
    }

    static func list(_ listings: [Listing], at address: String) -> LinkedData {
        let lines = listings.enumerated().map { index, listing in
            Fact.thing([
                "@type": .text("ListItem"), "position": .number(index + 1), "name": .text(listing.title),
                "url": .text("\(address)/books/\(listing.slug.rawValue)"),
            ])
        }
        return LinkedData("ItemList", ["itemListElement": .list(lines)])
    }

    static func person(_ person: Contributor, at address: String) -> LinkedData {
        LinkedData(
            "Person",
            [
                "name": .text(person.name), "url": .text("\(address)/people/\(person.slug.rawValue)"),
                "description": person.biography.isEmpty ? nil : .text(person.biography),
            ])
    }

    static func book(_ book: Audiobook, at address: String, image: String?) -> LinkedData {
        func people(_ role: Credit.Role) -> Fact? {
            let people = book.people.filter { $0.role == role }.map { person in
                Fact.thing([
                    "@type": .text("Person"), "name": .text(person.name),
                    "url": .text("\(address)/people/\(person.slug.rawValue)"),
                ])
            }
            return people.isEmpty ? nil : .list(people)
        }
        let page = "\(address)/books/\(book.slug.rawValue)"
        return LinkedData(
            "Audiobook",
            [
                "name": .text(book.title), "url": .text(page), "inLanguage": .text(book.language.rawValue),
                "author": people(.author), "readBy": people(.narrator), "translator": people(.translator),
                "description": book.description.isEmpty ? nil : .text(book.description),
                "isbn": book.isbn13.map { .text($0.rawValue) }, "image": image.map(Fact.text),
                "bookFormat": .text("https://schema.org/AudiobookFormat"),
                // ISO 8601, section 5.5.2.
                "duration": book.durationMilliseconds.map { .text("PT\($0 / 1000)S") },
                "offers": book.price.map { price in
                    .thing([
                        "@type": .text("Offer"), "url": .text(page),
                        "priceCurrency": .text(price.currency.rawValue),
                        "price": .text(price.decimal),
                        "availability": .text("https://schema.org/InStock"),
                    ])
                },
            ])
    }
}
