import Bookshop

/// How phrases are taken apart into words: as the records do it, so that the two agree on nearly all. Where they do
/// not, something is not proposed that might have been found.
enum PassageMapping {
    /// The languages of which stems are known, by the names that the snowball filter has for them; the words of others
    /// are taken as they stand.
    /// https://docs.opensearch.org/latest/analyzers/token-filters/snowball/
    private static let stemmers = [
        "da": "Danish", "de": "German", "en": "English", "es": "Spanish", "fi": "Finnish", "fr": "French",
        "hu": "Hungarian", "it": "Italian", "nl": "Dutch", "no": "Norwegian", "pt": "Portuguese",
        "ro": "Romanian", "ru": "Russian", "sv": "Swedish", "tr": "Turkish",
    ]
    private static let others = "other"

    /// The field in which the words of a language are. One language is one field, for it has rules of its own.
    static func field(of language: LanguageTag) -> String {
        let name = language.language == "nb" ? "no" : language.language
        return stemmers[name] == nil ? others : name
    }

    /// https://docs.opensearch.org/latest/api-reference/index-apis/create-index/
    static func index(alias: String) -> JSONBody {
        [
            "aliases": .object([alias: [:]]),
            "settings": ["analysis": analysis],
            "mappings": [
                // What is not named here is an error and no new field.
                "dynamic": "strict",
                "properties": [
                    "transcript": ["type": "keyword"], "revision": ["type": "integer"],
                    "title": ["type": "keyword"], "audiobook": ["type": "keyword"],
                    "position": ["type": "integer"],
                    // The words of a phrase: of these it is only asked whether they are there.
                    "said": ["properties": .object(words(["index_options": "docs"]))],
                    // They, and the first that follow: phrases are looked for in these.
                    "around": ["properties": .object(words(["index_options": "positions"]))],
                ],
            ],
        ]
    }

    private static var languages: [String] { stemmers.keys.sorted() + [others] }

    private static func words(_ options: [String: JSONBody]) -> [String: JSONBody] {
        Dictionary(
            uniqueKeysWithValues: languages.map { language in
                let field: [String: JSONBody] = [
                    "type": "text", "analyzer": .text("words_\(language)"), "norms": false,
                ]
                return (language, .object(field.merging(options) { $1 }))
            })
    }

    private static var analysis: JSONBody {
        var analyzers: [String: JSONBody] = [:]
        var filters: [String: JSONBody] = [:]
        for language in languages {
            let stemmer = stemmers[language].map { name in
                filters["stems_\(language)"] = ["type": "snowball", "language": .text(name)]
                return JSONBody.text("stems_\(language)")
            }
            analyzers["words_\(language)"] = [
                "type": "custom", "char_filter": ["apostrophes"], "tokenizer": "standard",
                "filter": .list(["lowercase", "asciifolding"] + [stemmer].compactMap { $0 }),
            ]
        }
        return [
            "analyzer": .object(analyzers), "filter": .object(filters),
            // "l'amour" are two words, which one looks for by the second.
            "char_filter": [
                "apostrophes": ["type": "pattern_replace", "pattern": "['’]", "replacement": " "]
            ],
        ]
    }
}
