import Bookshop
import Foundation
import Testing

@Suite struct SummingTests {
    private func claimed(_ scope: Summary.Scope) throws -> ClaimedSummary {
        ClaimedSummary(
            id: Summary.ID(), transcript: Transcript.ID(), title: "Emma",
            language: try #require(LanguageTag(rawValue: "en")), scope: scope, attempt: 1, lease: Lease())
    }

    /// What the writer was given to sum up, and what it cost.
    private func asked(
        _ sources: [SummarySource], _ scope: Summary.Scope = .book, answering text: String = "told"
    ) throws -> (texts: [String], cost: WritingCost) {
        var (texts, cost): ([String], WritingCost) = ([], .nothing)
        let writer = Writer { task in
            texts.append(task.text)
            return Writing(
                model: "gpt", text: text, cost: WritingPrice.standard.cost(tokensRead: 10, tokensWritten: 1))
        }
        let writing = try writer.sum(up: sources, of: claimed(scope), spending: &cost)
        #expect(writing.text == text)
        return (texts, cost)
    }

    private let long = [String](
        repeating: String(repeating: "a", count: 999), count: SummaryPrompt.maximumCharacters / 1000 * 3)

    @Test func `a chapter that fits is one call with its words`() throws {
        let (texts, cost) = try asked([.phrases(["Emma", "Woodhouse"])], .chapter(1))
        #expect(texts == ["Emma Woodhouse"])
        #expect(cost == WritingCost(calls: 1, tokensRead: 10, tokensWritten: 1, nanodollars: 2100))
    }

    @Test func `a chapter that does not fit is retold part by part, and the parts are summed up`() throws {
        let (texts, cost) = try asked([.phrases(long)], .chapter(1))
        #expect(texts.count == 4 && cost.calls == 4)
        #expect(texts.allSatisfy { $0.count <= SummaryPrompt.maximumCharacters })
        #expect(texts.last == "told told told")
    }

    @Test func `a book is told out of its chapters, and of words only where nothing was told`() throws {
        #expect(try asked([.told("one"), .told("two")]).texts == ["one two"])
        #expect(
            try asked([.told("one"), .phrases(["Emma"]), .told("three")]).texts == ["Emma", "one told three"])
        #expect(try asked([.phrases(["Emma"])]).texts == ["Emma"], "a book of one chapter")
        let many = [SummarySource](repeating: .told(String(repeating: "b", count: 999)), count: 100)
        #expect(try asked(many).texts.map(\.count) == [39_999, 39_999, 19_999, 14])
    }

    @Test func `a book of any length comes to an end, however a model rambles`() throws {
        let rambling = String(repeating: "c", count: SummaryPrompt.maximumCharacters)
        let chapters = [SummarySource](repeating: .phrases(["Emma"]), count: 300)
        let texts = try asked(chapters, answering: rambling).texts
        #expect(texts.count < 500 && texts.allSatisfy { $0.count <= SummaryPrompt.maximumCharacters })
    }

    @Test func `what is written in other letters is paid for, and no summary`() throws {
        var cost = WritingCost.nothing
        let writer = Writer { _ in
            Writing(
                model: "gpt", text: "Молодая женщина живёт со своим отцом",
                cost: WritingPrice.standard.cost(tokensRead: 10, tokensWritten: 1))
        }
        let failure = #expect(throws: OutsideFailure.self) {
            try writer.sum(up: [.phrases(["Emma"])], of: claimed(.chapter(1)), spending: &cost)
        }
        #expect(failure?.kind == .refused && failure?.code == "other-language" && cost.calls == 1)
    }

    @Test func `what was paid for is told though it ends in failure`() throws {
        var (calls, cost) = (0, WritingCost.nothing)
        let writer = Writer { _ in
            calls += 1
            if calls == 3 { throw OutsideFailure("openai", .unavailable, reason: "x") }
            return Writing(
                model: "gpt", text: "told", cost: WritingPrice.standard.cost(tokensRead: 1, tokensWritten: 1))
        }
        #expect(throws: OutsideFailure.self) {
            try writer.sum(up: [.phrases(long)], of: claimed(.chapter(1)), spending: &cost)
        }
        #expect(cost.calls == 2 && cost.nanodollars == 1500 && cost.microdollars == 2)
    }

    @Test(
        arguments: [
            ("0.15/0.60", 150, 600), ("2.5/10", 2500, 10_000), ("0/0", 0, 0), ("0.075/0.3", 75, 300),
            ("99999.999/1.", nil, nil), ("99999.999/1.5", 99_999_999, 1500),
        ] as [(String, Int?, Int?)])
    func `a price is dollars for a million tokens`(text: String, read: Int?, written: Int?) {
        let price = WritingPrice(rawValue: text)
        #expect(price?.nanodollarsPerTokenRead == read && price?.nanodollarsPerTokenWritten == written)
        #expect(price.flatMap { WritingPrice(rawValue: $0.rawValue) } == price)
    }

    @Test(arguments: [
        "", "1", "1/", "/1", "1/2/3", "-1/2", "1.2345/1", "100000/1", "1e3/1", "1,5/1", " 1/1", "٣/1",
    ])
    func `what is no price is none`(text: String) { #expect(WritingPrice(rawValue: text) == nil) }
}
