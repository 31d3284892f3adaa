import Bookshop
import Testing

/// What a model says over and over, and what people do.
@Suite struct LoopTests {
    private func spoken(_ texts: String...) -> SpokenText {
        SpokenText(
            model: "whisper-1", language: "en",
            segments: texts.enumerated().map {
                SpokenSegment(text: $1, startMilliseconds: $0 * 1000, endMilliseconds: $0 * 1000 + 900)
            })
    }

    @Test(arguments: [
        // King Lear, V.3
        "And my poor fool is hang'd! No, no, no life! Thou'lt come no more, never, never, never, never, never!",
        // Edgar Allan Poe, The Bells
        "To the tintinnabulation that so musically wells from the bells, bells, bells, bells, bells, bells, bells, "
            + "from the jingling and the tinkling of the bells.",
        "London Bridge is falling down, falling down, falling down. London Bridge is falling down, my fair lady.",
        "Row, row, row your boat gently down the stream. Merrily, merrily, merrily, merrily, life is but a dream. "
            + "Row, row, row your boat gently down the stream. Merrily, merrily, merrily, merrily, life is but a dream. "
            + "Row, row, row your boat gently down the stream. Merrily, merrily, merrily, merrily, life is but a dream.",
        "Ha, ha, ha, ha, ha, ha, ha, ha! said the Queen. Off with his head! Off with his head! Off with his head!",
        "Holy Mary, pray for us. Saint Michael, pray for us. Saint Gabriel, pray for us. Saint Raphael, pray for us. "
            + "Saint John, pray for us. Saint Peter, pray for us. Saint Paul, pray for us. Saint James, pray for us.",
        "",
    ])
    func `refrains are none`(text: String) { #expect(!spoken(text).isLooping) }

    @Test(arguments: [
        ("you", 15), ("thank you", 9), ("Thanks for watching!", 7), ("and then I said to", 6),
        ("I'm going to go to the store and I'm going to buy a new one,", 5),
    ])
    func `what is planted is found, wherever it stands and however it is cut`(phrase: String, times: Int) {
        let loop = Array(repeating: phrase, count: times)
        #expect(spoken(loop.joined(separator: " ")).isLooping)
        #expect(spoken("Alice was beginning to get", "very tired " + loop.joined(separator: ", ")).isLooping)
        let segments = loop.map { $0.uppercased() + "." }
        let text = SpokenText(
            model: "whisper-1", language: "en",
            segments: (["It was so."] + segments + ["And on."]).enumerated().map {
                SpokenSegment(text: $1, startMilliseconds: $0, endMilliseconds: $0 + 1)
            })
        #expect(text.isLooping)
        #expect(!spoken(loop.dropLast().joined(separator: " ")).isLooping, "once less is nothing")
    }
}
