import Bookshop
import Foundation
import HTTP
import Testing

@testable import OpenSearch

/// What is asked of OpenSearch, held against its documentation: https://docs.opensearch.org/latest/api-reference/
@Suite struct RequestTests {
    private let api = OpenSearchAPI(base: "https://x:9200")
    private let text = IndexedText(
        transcript: id(1), audiobook: id(2), sortedTitle: "emma", language: LanguageTag(rawValue: "en-GB")!,
        revision: 7)

    private func inquiry(
        _ typed: String, languages: [String] = ["en"], near: [String: [String]] = [:],
        after last: PassageMark? = nil
    ) throws -> Request {
        let query = try #require(PassageQuery(typed))
        let texts = SearchedTexts(
            transcripts: [id(1)], languages: Set(languages.compactMap(LanguageTag.init)))
        return api.propose(
            PassageInquiry(GuessedPassage(query, near: near), in: texts, after: last, limit: 41))
    }

    @Test func `phrases are written by their places, at the revision of their text`() {
        let phrases = [
            IndexedPhrase(position: 1, text: "To be,\nor \"not\"", following: "to be"),
            IndexedPhrase(position: 2, text: "to be", following: ""),
        ]
        #expect(
            api.write(phrases[...], of: text).description == #"""
                POST https://x:9200/earshelf-passages-1/_bulk?require_alias=true
                Content-Type: application/x-ndjson

                {"index":{"_id":"00000000-0000-0000-0000-000000000001:1","version":7,"version_type":"external"}}
                {"around":{"en":"To be,\nor \"not\" to be"},"audiobook":"00000000-0000-0000-0000-000000000002",\#
                "position":1,"revision":7,"said":{"en":"To be,\nor \"not\""},"title":"emma",\#
                "transcript":"00000000-0000-0000-0000-000000000001"}
                {"index":{"_id":"00000000-0000-0000-0000-000000000001:2","version":7,"version_type":"external"}}
                {"around":{"en":"to be"},"audiobook":"00000000-0000-0000-0000-000000000002","position":2,\#
                "revision":7,"said":{"en":"to be"},"title":"emma","transcript":"00000000-0000-0000-0000-000000000001"}

                """#)
    }

    @Test func `what is older than a revision is deleted, after a refresh`() {
        #expect(api.refresh().description == "POST https://x:9200/earshelf-passages-1/_refresh\n\n")
        #expect(
            api.delete(id(1), olderThan: 7).description == #"""
                POST https://x:9200/earshelf-passages-1/_delete_by_query?conflicts=proceed
                Content-Type: application/json

                {"query":{"bool":{"filter":[{"term":{"transcript":"00000000-0000-0000-0000-000000000001"}},\#
                {"range":{"revision":{"lt":7}}}]}}}
                """#)
    }

    @Test func `words and phrases are looked for together, and one begins where it is found`() throws {
        #expect(
            try inquiry("rich \"to be\"").description == #"""
                POST https://x:9200/earshelf-passages-1/_search?allow_partial_search_results=false
                Content-Type: application/json

                {"_source":false,"query":{"bool":{"filter":[{"terms":{"transcript":\#
                ["00000000-0000-0000-0000-000000000001"]}},{"bool":{"filter":[\#
                {"match_phrase":{"around.en":{"query":"rich","zero_terms_query":"all"}}},\#
                {"match_phrase":{"around.en":{"query":"to be","zero_terms_query":"all"}}},\#
                {"bool":{"minimum_should_match":1,"should":[\#
                {"match":{"said.en":{"operator":"and","query":"rich","zero_terms_query":"all"}}},\#
                {"match":{"said.en":{"operator":"and","query":"to","zero_terms_query":"all"}}}]}}]}}]}},\#
                "size":41,"sort":[{"title":"asc"},{"audiobook":"asc"},{"position":"asc"}],"timeout":"2s",\#
                "track_total_hits":false}
                """#)
    }

    @Test func `a page begins behind the last place, in each language by its own field`() throws {
        let mark = PassageMark(sortedTitle: "a \"b\"", audiobook: id(2), position: 9)
        let body = String(
            decoding: try inquiry("a", languages: ["de-AT", "nb", "la"], after: mark).body, as: UTF8.self)
        #expect(
            body.contains(#""search_after":["a \"b\"","00000000-0000-0000-0000-000000000002",9]"#))
        for field in ["around.de", "around.no", "around.other", "said.de", "said.no", "said.other"] {
            #expect(body.contains("\"\(field)\""))
        }
        #expect(!body.contains(".en\""))
    }

    @Test func `guesses are alternatives, and of a long phrase the first words are looked up`() throws {
        let guess = String(decoding: try inquiry("clevr", near: ["clevr": ["clever"]]).body, as: UTF8.self)
        #expect(guess.contains(#""query":"clevr""#) && guess.contains(#""query":"clever""#))
        let long = String(decoding: try inquiry("\"a b c d e f g h i\"").body, as: UTF8.self)
        #expect(long.contains(#""query":"a b c d e f g h","#))
    }

    @Test func `an index knows every field, each language by its stems, and no other field`() throws {
        #expect(api.exists().description == "HEAD https://x:9200/earshelf-passages-1\n\n")
        let request = api.make()
        #expect(request.method == "PUT" && request.url == "https://x:9200/earshelf-passages-1-index")
        let body = try #require(
            JSONSerialization.jsonObject(with: Data(request.body)) as? [String: [String: Any]])
        #expect(body["aliases"]?.keys.first == "earshelf-passages-1")
        let mappings = try #require(body["mappings"])
        #expect(mappings["dynamic"] as? String == "strict")
        let fields = try #require(mappings["properties"] as? [String: [String: Any]])
        #expect(
            fields.keys.sorted() == [
                "around", "audiobook", "position", "revision", "said", "title", "transcript",
            ])
        let analysis = try #require(body["settings"]?["analysis"] as? [String: [String: [String: Any]]])
        let around = try #require(fields["around"]?["properties"] as? [String: [String: Any]])
        #expect(around.count == 16)
        for field in around.values {
            let analyzer = try #require(analysis["analyzer"]?[field["analyzer"] as? String ?? ""])
            #expect(analyzer["tokenizer"] as? String == "standard")
            let filters = try #require(analyzer["filter"] as? [String])
            #expect(filters.starts(with: ["lowercase", "asciifolding"]))
            for name in filters.dropFirst(2) {
                #expect(analysis["filter"]?[name]?["type"] as? String == "snowball")
            }
        }
    }

    /// What is written must be of fields that the index knows, for it takes no others.
    @Test(arguments: [
        "da", "de", "en", "es", "fi", "fr", "hu", "it", "nb", "nl", "no", "pt", "ro", "ru", "sv", "tr", "la",
    ])
    func `every language has its field`(language: String) throws {
        let tag = try #require(LanguageTag(rawValue: language))
        let made = String(decoding: api.make().body, as: UTF8.self)
        #expect(made.contains("\"words_\(PassageMapping.field(of: tag))\""))
    }

    @Test func `every request may be made again, and ends`() throws {
        for request in [
            api.exists(), api.make(), api.refresh(), api.delete(id(1), olderThan: 2), try inquiry("a"),
        ] {
            #expect(request.repeatable && request.timeoutMilliseconds <= 60_000)
        }
    }
}

func id<Entity>(_ number: Int) -> Identifier<Entity> {
    Identifier("00000000-0000-0000-0000-\(String(format: "%012d", number))")!
}
