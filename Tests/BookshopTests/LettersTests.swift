import Bookshop
import Testing

/// Words in the letters of their language, and in others.
@Suite struct LettersTests {
    private func language(_ tag: String) throws -> LanguageTag { try #require(LanguageTag(rawValue: tag)) }

    private static let english = "Alice was beginning to get very tired of sitting by her sister on the bank"
    private static let russian =
        "Все счастливые семьи похожи друг на друга, каждая несчастливая семья по-своему"
    private static let greek = "Ἄνδρα μοι ἔννεπε, Μοῦσα, πολύτροπον, ὃς μάλα πολλὰ πλάγχθη"
    private static let chinese = "话说天下大势，分久必合，合久必分。周末七国分争，并入于秦。"
    private static let arabic = "كان يا ما كان في قديم الزمان، وسالف العصر والأوان"
    private static let hindi = "होरीराम ने दोनों बैलों को सानी-पानी देकर अपनी स्त्री धनिया से कहा"
    private static let polish = "Zażółć gęślą jaźń, powiedział źdźbło, a później się uśmiechnął"
    private static let vietnamese = "Trăm năm trong cõi người ta, chữ tài chữ mệnh khéo là ghét nhau"

    @Test(arguments: [
        ("en", english), ("en-GB", english), ("pl", polish), ("vi", vietnamese), ("ru", russian),
        ("el", greek),
        ("zh", chinese), ("ar", arabic), ("hi", hindi),
        // A name and a quotation are in any letters.
        ("en", "He said: всё смешалось, and went on to tell her that all was confusion"), ("en", "Толстой"),
        ("ru", "Он читал The Times и всё смешалось в доме Облонских"), ("el", "Alice"),
        // Written in both, or unknown.
        ("sr", russian), ("sr", english), ("kk", english), ("tlh", russian),
        ("en", ""), ("en", "1984, 2001: 3.14 – 2,718 281 828 459 045 235 360 287"),
    ])
    func `a language is in its letters`(tag: String, text: String) throws {
        #expect(!(try language(tag)).isStrange(to: text))
    }

    @Test(arguments: [
        ("en", russian), ("en", greek), ("de-AT", chinese), ("vi", arabic), ("fr", hindi), ("ru", english),
        ("zh", polish), ("ar", vietnamese), ("hi", english), ("el", english),
    ])
    func `and not in others`(tag: String, text: String) throws {
        #expect(try language(tag).isStrange(to: text))
    }

    private func heard(_ text: String, as language: String?) -> SpokenText {
        SpokenText(
            model: "whisper-1", language: language,
            segments: text.split(separator: " ").enumerated().map {
                SpokenSegment(text: String($1), startMilliseconds: $0, endMilliseconds: $0 + 1)
            })
    }

    @Test(arguments: [
        ("en", "en", english), ("en-US", "en", english), ("en", nil, english), ("nb", "no", polish),
        ("no", "nn", polish), ("deu", "de", polish), ("cmn", "zh", chinese), ("yue", "zh", chinese),
        ("en", "en", ""),
    ])
    func `what was heard is in the language of its book`(tag: String, told: String?, text: String) throws {
        #expect(!heard(text, as: told).isForeign(to: try language(tag)))
    }

    @Test(arguments: [
        ("en", "de", english), ("en", "ru", ""), ("de", "en", english), ("en", "en", russian),
        ("en", nil, chinese),
        ("nb", "da", polish),
    ])
    func `what the service says, or the letters, is another`(tag: String, told: String?, text: String) throws
    {
        #expect(heard(text, as: told).isForeign(to: try language(tag)))
    }
}
