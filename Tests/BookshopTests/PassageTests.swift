import Bookshop
import Testing

@Suite struct PassageTests {
    private func parts(_ text: String) -> [String]? { PassageQuery(text)?.parts.map(\.text) }

    @Test func `words are parts of their own, and phrases are what stands in quotes`() {
        #expect(parts("emma woodhouse") == ["emma", "woodhouse"])
        #expect(parts(" Emma \"handsome,  clever\" rich") == ["Emma", "handsome, clever", "rich"])
        #expect(parts("„sein oder nicht sein“") == ["sein oder nicht sein"])
        #expect(parts("\"to be") == ["to be"], "a quote that is open runs to the end")
        #expect(parts("“a”\"b\"") == ["a", "b"])
        #expect(PassageQuery("\"emma\"")?.parts.first?.isPhrase == false)
        #expect(parts("\"clever\r\nand\" \u{1B}rich\u{9C}") == ["clever and", "rich"])
    }

    @Test(arguments: ["", " ", "–", "\"\"", "\" - \"", "a\u{0}b", "?!"])
    func `what nobody can say is not looked for`(text: String) { #expect(PassageQuery(text) == nil) }

    @Test func `a query has an end`() {
        #expect(PassageQuery(String(repeating: "a", count: 200)) != nil)
        #expect(PassageQuery(String(repeating: "a", count: 201)) == nil)
        #expect(PassageQuery(String(repeating: "a ", count: 12)) != nil)
        #expect(PassageQuery(String(repeating: "a ", count: 13)) == nil)
    }

    @Test func `a guess puts the near words beside the typed ones, and into phrases`() throws {
        let query = try #require(PassageQuery("ema \"clevr and rich\" x"))
        let guess = GuessedPassage(query, near: ["ema": ["emma", "era"], "clevr": ["clever", "clear"]])
        #expect(guess.isGuess && !GuessedPassage(query).isGuess)
        #expect(
            guess.alternatives.map { $0.map(\.text) } == [
                ["ema", "emma", "era"], ["clevr and rich", "clever and rich"], ["x"],
            ])
        #expect(query.replacing(["ema": "emma", "clevr": "clever"]) == "emma \"clever and rich\" x")
    }

    private func text(_ words: String) -> PassageText {
        let words = WrittenWords.words(of: words)
        return PassageText(words: words, lexemes: words.map { Set($0 == "–" ? [] : [$0.lowercased()]) })
    }

    private func asked(_ parts: String...) -> [[[Set<String>]]] {
        parts.map { [WrittenWords.words(of: $0).map { [$0] }] }
    }

    @Test func `of a phrase only what stands in its order is shown, of words all`() {
        let said = text("Rich and clever – and rich and clever")
        #expect(said.matches(of: asked("clever and rich")) == [2, 4, 5], "a dash is no word")
        #expect(said.matches(of: asked("rich")) == [0, 5])
        #expect(said.matches(of: asked("clever", "rich")) == [0, 2, 5, 7])
        #expect(said.matches(of: [[[["poor"]], [["rich"]]]]) == [0, 5], "one of two")
        #expect(said.matches(of: asked("nobody")).isEmpty)
    }

    @Test func `where the index knows better what a word is, what it has in common is shown`() {
        let said = PassageText(
            words: ["a", "well-known", "b"], lexemes: [["a"], ["well-known", "well", "known"], ["b"]])
        #expect(said.matches(of: asked("well known")) == [1])
    }

    private func shown(_ words: String, _ matches: Set<Int>, own: Int? = nil) -> String {
        let said = text(words)
        return said.snippet(showing: matches, ownWords: own ?? said.words.count)
            .map { $0.isMatch ? "[\($0.text)]" : $0.text }.joined()
    }

    @Test func `a snippet is the text with its matches, whatever stands in it`() {
        #expect(shown("Emma <b>Woodhouse</b>, rich", [1]) == "Emma [<b>Woodhouse</b>,] rich")
        #expect(shown("Emma Woodhouse rich", [0, 1]) == "[Emma Woodhouse] rich")
        #expect(shown("Emma", [0]) == "[Emma]" && shown("Emma", []) == "Emma")
        #expect(shown("Emma Woodhouse handsome clever", [1, 2], own: 2) == "Emma [Woodhouse handsome]")
        #expect(shown("Emma Woodhouse handsome", [0], own: 2) == "[Emma] Woodhouse")
    }

    @Test func `of a long text so much is shown as is near the first match`() {
        let long = (0..<100).map(String.init).joined(separator: " ")
        let middle = shown(long, [50])
        #expect(middle.hasPrefix("… 38 39") && middle.hasSuffix("72 73 …") && middle.contains(" [50] "))
        #expect(shown(long, [0]).hasPrefix("[0] 1 2") && shown(long, [99]).hasSuffix("98 [99]"))
        #expect(shown(long, [3]).hasPrefix("0 1 2 [3]"))
        let edge = PassageText(
            words: Array(repeating: "a", count: 50), lexemes: Array(repeating: ["a"], count: 50))
        #expect(edge.snippet(showing: Set(0..<50), ownWords: 50).last?.text == " …")
    }
}
