/// The languages of Whisper, whose English names it answers with
/// (https://github.com/openai/whisper/blob/main/whisper/tokenizer.py).
enum SpokenLanguages {
    /// What the service may be told of a language, or nil where it must find out by itself. It takes the codes of ISO
    /// 639-1 of those it lists (https://platform.openai.com/docs/guides/speech-to-text#supported-languages) and
    /// refuses all others.
    static func hint(for code: String) -> String? {
        listed[code] == nil ? nil : code
    }

    /// The code of a language that the service tells, which some compatible servers do by its code.
    static func code(of told: String) -> String? {
        let told = told.lowercased()
        return listed[told] != nil || others[told] != nil ? told : codes[told]
    }

    private static let codes = Dictionary(
        uniqueKeysWithValues: [listed, others].flatMap { $0.map { ($0.value, $0.key) } })

    private static let listed = [
        "af": "afrikaans", "ar": "arabic", "az": "azerbaijani", "be": "belarusian", "bg": "bulgarian",
        "bs": "bosnian", "ca": "catalan", "cs": "czech", "cy": "welsh", "da": "danish", "de": "german",
        "el": "greek", "en": "english", "es": "spanish", "et": "estonian", "fa": "persian", "fi": "finnish",
        "fr": "french", "gl": "galician", "he": "hebrew", "hi": "hindi", "hr": "croatian",
        "hu": "hungarian", "hy": "armenian", "id": "indonesian", "is": "icelandic", "it": "italian",
        "ja": "japanese", "kk": "kazakh", "kn": "kannada", "ko": "korean", "lt": "lithuanian",
        "lv": "latvian", "mi": "maori", "mk": "macedonian", "mr": "marathi", "ms": "malay", "ne": "nepali",
        "nl": "dutch", "no": "norwegian", "pl": "polish", "pt": "portuguese", "ro": "romanian",
        "ru": "russian", "sk": "slovak", "sl": "slovenian", "sr": "serbian", "sv": "swedish",
        "sw": "swahili", "ta": "tamil", "th": "thai", "tl": "tagalog", "tr": "turkish", "uk": "ukrainian",
        "ur": "urdu", "vi": "vietnamese", "zh": "chinese",
    ]

    private static let others = [
        "am": "amharic", "as": "assamese", "ba": "bashkir", "bn": "bengali", "bo": "tibetan",
        "br": "breton", "eu": "basque", "fo": "faroese", "gu": "gujarati", "ha": "hausa", "haw": "hawaiian",
        "ht": "haitian creole", "jv": "javanese", "ka": "georgian", "km": "khmer", "la": "latin",
        "lb": "luxembourgish", "ln": "lingala", "lo": "lao", "mg": "malagasy", "ml": "malayalam",
        "mn": "mongolian", "mt": "maltese", "my": "myanmar", "nn": "nynorsk", "oc": "occitan",
        "pa": "punjabi", "ps": "pashto", "sa": "sanskrit", "sd": "sindhi", "si": "sinhala", "sn": "shona",
        "so": "somali", "sq": "albanian", "su": "sundanese", "te": "telugu", "tg": "tajik", "tk": "turkmen",
        "tt": "tatar", "uz": "uzbek", "yi": "yiddish", "yo": "yoruba", "yue": "cantonese",
    ]
}
