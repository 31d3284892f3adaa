import Bookshop
import FoundationEssentials
import HTTP

/// The requests the shop makes of OpenSearch, as values. Each of them may be made again.
///
/// https://docs.opensearch.org/latest/api-reference/
struct OpenSearchAPI: Sendable {
    /// Counted on with every change of the mapping: an index of another one is another index, and is filled anew.
    static let alias = "earshelf-passages-1"
    /// It is made under a name of its own and called by the alias: to write to one that is gone would make one without
    /// a mapping, but an alias nobody makes by writing.
    static let index = alias + "-index"
    /// So many phrases go in one call; they are 5 MB at most.
    static let mostPhrases = 500

    private let base: String

    init(base: String) { self.base = base }

    func exists() -> Request {
        Request("HEAD", "\(base)/\(Self.alias)", timeoutMilliseconds: 5000, repeatable: true)
    }

    func make() -> Request {
        request("PUT", "/\(Self.index)", PassageMapping.index(alias: Self.alias), within: 30_000)
    }

    /// The version is the revision of the text: what is written late replaces nothing that is newer.
    /// https://docs.opensearch.org/latest/api-reference/document-apis/bulk/
    func write(_ phrases: ArraySlice<IndexedPhrase>, of text: IndexedText) -> Request {
        var lines: [UInt8] = []
        let field = PassageMapping.field(of: text.language)
        for phrase in phrases {
            let action: JSONBody = [
                "index": [
                    "_id": .text("\(text.transcript):\(phrase.position)"), "version": .number(text.revision),
                    "version_type": "external",
                ]
            ]
            let around = phrase.following.isEmpty ? phrase.text : "\(phrase.text) \(phrase.following)"
            let document: JSONBody = [
                "transcript": .text("\(text.transcript)"), "revision": .number(text.revision),
                "title": .text(text.sortedTitle), "audiobook": .text("\(text.audiobook)"),
                "position": .number(phrase.position), "said": .object([field: .text(phrase.text)]),
                "around": .object([field: .text(around)]),
            ]
            lines += action.bytes + [10] + document.bytes + [10]
        }
        return Request(
            "POST", "\(base)/\(Self.alias)/_bulk?require_alias=true",
            headers: [Header("Content-Type", "application/x-ndjson")], body: lines,
            timeoutMilliseconds: 60_000, repeatable: true)
    }

    /// https://docs.opensearch.org/latest/api-reference/index-apis/refresh/
    func refresh() -> Request {
        Request("POST", "\(base)/\(Self.alias)/_refresh", timeoutMilliseconds: 30_000, repeatable: true)
    }

    /// What was replaced while it was looked for is newer, and stays.
    /// https://docs.opensearch.org/latest/api-reference/document-apis/delete-by-query/
    func delete(_ transcript: Transcript.ID, olderThan revision: Int) -> Request {
        let query: JSONBody = [
            "query": [
                "bool": [
                    "filter": [
                        ["term": ["transcript": .text("\(transcript)")]],
                        ["range": ["revision": ["lt": .number(revision)]]],
                    ]
                ]
            ]
        ]
        return request("POST", "/\(Self.alias)/_delete_by_query?conflicts=proceed", query, within: 60_000)
    }

    /// Half an answer is none: the records have all of it.
    /// https://docs.opensearch.org/latest/api-reference/search-apis/search/
    func propose(_ inquiry: PassageInquiry) -> Request {
        var body: [String: JSONBody] = [
            "query": ["bool": ["filter": .list(filters(of: inquiry))]],
            // https://docs.opensearch.org/latest/search-plugins/searching-data/paginate/
            "sort": [["title": "asc"], ["audiobook": "asc"], ["position": "asc"]],
            "size": .number(inquiry.limit), "_source": false, "track_total_hits": false, "timeout": "2s",
        ]
        if let last = inquiry.last {
            body["search_after"] = [
                .text(last.sortedTitle), .text("\(last.audiobook)"), .number(last.position),
            ]
        }
        return request(
            "POST", "/\(Self.alias)/_search?allow_partial_search_results=false", .object(body), within: 3000)
    }

    private func filters(of inquiry: PassageInquiry) -> [JSONBody] {
        let fields = Set(inquiry.texts.languages.map(PassageMapping.field(of:))).sorted()
        return [
            ["terms": ["transcript": .list(inquiry.texts.transcripts.map { .text("\($0)") })]],
            any(fields.map { field in ["bool": ["filter": .list(parts(of: inquiry.meaning, in: field))]] }),
        ]
    }

    /// Each part is said in the phrase or behind it, and of one the first word in the phrase itself: there it is found,
    /// and not in those ahead.
    private func parts(of meaning: GuessedPassage, in field: String) -> [JSONBody] {
        let everywhere = meaning.alternatives.map { alternatives in
            any(
                alternatives.map { part in
                    let words = part.lookedUp.joined(separator: " ")
                    return [
                        "match_phrase": .object([
                            "around.\(field)": ["query": .text(words), "zero_terms_query": "all"]
                        ])
                    ]
                })
        }
        let beginnings = meaning.alternatives.joined().compactMap(\.words.first).map { word -> JSONBody in
            [
                "match": .object([
                    "said.\(field)": [
                        "query": .text(word), "operator": "and", "zero_terms_query": "all",
                    ]
                ])
            ]
        }
        return everywhere + [any(beginnings)]
    }

    private func any(_ clauses: [JSONBody]) -> JSONBody {
        clauses.count == 1
            ? clauses[0] : ["bool": ["should": .list(clauses), "minimum_should_match": 1]]
    }

    private func request(_ method: String, _ path: String, _ body: JSONBody, within milliseconds: Int)
        -> Request
    {
        Request(
            method, base + path, headers: [Header("Content-Type", "application/json")], body: body.bytes,
            timeoutMilliseconds: milliseconds, repeatable: true)
    }
}
