import Bookshop
import HTTP
import OpenSearch
import Testing

/// What OpenSearch answers, in the forms its documentation shows, and what the shop makes of it.
@Suite struct AnswerTests {
    private final class Script {
        var answers: [Result<Response, Failure>]
        var requests: [Request] = []
        var pauses: [Int] = []
        init(_ answers: [Result<Response, Failure>]) { self.answers = answers }
    }

    private func index(_ script: Script) -> PassageProposals {
        .openSearch(base: "https://x", pause: { script.pauses.append($0) }) { request throws(Failure) in
            script.requests.append(request)
            return try script.answers.removeFirst().get()
        }
    }

    private func answer(_ body: String, status: Int = 200, _ headers: [String: String] = [:])
        -> Result<Response, Failure>
    { .success(Response(status: status, headers: headers, body: Array(body.utf8))) }

    private static func error(_ type: String, _ status: Int) -> String {
        #"{"error":{"root_cause":[{"type":"\#(type)","reason":"secret"}],"type":"\#(type)","reason":"secret"},"#
            + #""status":\#(status)}"#
    }

    private let text = IndexedText(
        transcript: id(1), audiobook: id(2), sortedTitle: "emma", language: LanguageTag(rawValue: "en")!,
        revision: 7)
    private let phrases = (1...3).map { IndexedPhrase(position: $0, text: "word\($0)", following: "") }

    private func written(_ items: (status: Int, type: String?)...) -> Result<Response, Failure> {
        let items = items.enumerated().map { index, item in
            let place = #""_index":"earshelf-passages-1-index","_id":"x:\#(index)""#
            guard let type = item.type else {
                return #"{"index":{\#(place),"_version":7,"result":"created","_shards":{"total":2,"#
                    + #""successful":1,"failed":0},"_seq_no":0,"_primary_term":1,"status":\#(item.status)}}"#
            }
            return #"{"index":{\#(place),"status":\#(item.status),"error":{"type":"\#(type)","#
                + #""reason":"secret","index":"earshelf-passages-1-index","shard":"0","index_uuid":"u"}}}"#
        }
        return answer(#"{"took":30,"errors":true,"items":[\#(items.joined(separator: ","))]}"#)
    }

    private func failure(_ answers: Result<Response, Failure>..., doing: (PassageProposals) throws -> Void)
        -> OutsideFailure?
    {
        let script = Script(answers)
        return #expect(throws: OutsideFailure.self) { try doing(index(script)) }
    }

    @Test func `a newer phrase that is there is as good as this one`() throws {
        let script = Script([
            written((201, nil), (200, nil), (409, "version_conflict_engine_exception"))
        ])
        try index(script).write(text, phrases)
        #expect(script.requests.count == 1)
    }

    @Test func `phrases for which there is no room are sent again, they alone, and not for ever`() throws {
        let full = (429, "opensearch_rejected_execution_exception" as String?)
        let script = Script([written((201, nil), full, (201, nil)), written((201, nil))])
        try index(script).write(text, phrases)
        let again = String(decoding: script.requests[1].body, as: UTF8.self)
        #expect(again.split(separator: "\n").count == 2 && again.contains(":2\""))
        #expect(script.pauses == [500])

        let told = failure(written(full, full, full), written(full, full, full), written(full, full, full)) {
            try $0.write(text, phrases)
        }
        #expect(told?.kind == .throttled(retryAfterSeconds: 30))
        #expect(told?.code == "opensearch_rejected_execution_exception")
    }

    @Test func `a phrase that does not fit the mapping is told, and the others are written`() {
        let told = failure(
            written(
                (201, nil), (400, "mapper_parsing_exception"),
                (429, "opensearch_rejected_execution_exception")),
            written((201, nil))
        ) { try $0.write(text, phrases) }
        #expect(told?.kind == .refused && told?.code == "mapper_parsing_exception")
        #expect(told?.reason == "1 of 3 phrases, status 400")
    }

    @Test func `many phrases go in several calls`() throws {
        let many = (1...501).map { IndexedPhrase(position: $0, text: "w", following: "") }
        let item = #"{"index":{"_id":"x","status":201}}"#
        let full = [String](repeating: item, count: 500).joined(separator: ",")
        let script = Script([
            answer(#"{"took":1,"errors":false,"items":[\#(full)]}"#),
            answer(#"{"took":1,"errors":false,"items":[\#(item)]}"#),
        ])
        try index(script).write(text, many)
        #expect(script.requests.count == 2)
    }

    @Test(arguments: [
        "", "<html>", "{}", "[]", #"{"items":[]}"#, #"{"items":[{"index":{"status":201}}]}"#,
        #"{"items":[{"delete":{"status":200}},{"index":{"status":201}},{"index":{"status":201}}]}"#,
        #"{"items":[{"index":{"status":"201"}},{"index":{}},{"index":{}}]}"#,
    ])
    func `an answer that does not say what became of each phrase is none`(body: String) {
        let told = failure(answer(body)) { try $0.write(text, phrases) }
        #expect(told?.kind == .undecided && told?.code == "wrong-shape")
    }

    @Test func `hits are places, in their order`() throws {
        let hits = [(1, 2, 3), (4, 5, 6)].map { transcript, book, position in
            let (transcript, book): (Transcript.ID, Audiobook.ID) = (id(transcript), id(book))
            return
                #"{"_index":"earshelf-passages-1-index","_id":"\#(transcript):\#(position)","_score":null,"#
                + #""sort":["emma","\#(book)",\#(position)]}"#
        }
        let body =
            #"{"took":5,"timed_out":false,"_shards":{"total":1,"successful":1,"skipped":0,"failed":0},"#
            + #""hits":{"max_score":null,"hits":[\#(hits.joined(separator: ","))]}}"#
        let found = try index(Script([answer(body)])).propose(try inquiry())
        #expect(found.map(\.transcript) == [id(1), id(4)])
        #expect(found[1].mark == PassageMark(sortedTitle: "emma", audiobook: id(5), position: 6))
    }

    private func inquiry() throws -> PassageInquiry {
        PassageInquiry(
            GuessedPassage(try #require(PassageQuery("a"))),
            in: SearchedTexts(transcripts: [id(1)], languages: []), after: nil, limit: 10)
    }

    /// A hit's id and what it was sorted by, whether it took too long, how many shards failed.
    @Test(arguments: [
        ("x:1", #"["a","x",1]"#, false, 0, "wrong-shape"),
        ("\(one):2", #"["a","\#(one)",1]"#, false, 0, "wrong-shape"),
        ("\(one):0", #"["a","\#(one)",0]"#, false, 0, "wrong-shape"),
        ("\(one):1", "[1,2]", false, 0, "wrong-shape"),
        ("\(one):1", "{}", false, 0, "wrong-shape"),
        ("\(one):1", #"["a","\#(one)",1]"#, true, 0, "partial"),
        ("\(one):1", #"["a","\#(one)",1]"#, false, 1, "partial"),
    ])
    func `half an answer, and hits that the shop has not written, are none`(
        id: String, sort: String, timedOut: Bool, failed: Int, code: String
    ) throws {
        let inquiry = try inquiry()
        let body =
            #"{"took":5,"timed_out":\#(timedOut),"_shards":{"total":2,"successful":1,"failed":\#(failed)},"#
            + #""hits":{"hits":[{"_id":"\#(id)","sort":\#(sort)}]}}"#
        #expect(failure(answer(body)) { _ = try $0.propose(inquiry) }?.code == code)
    }

    @Test(arguments: [
        (400, "parsing_exception" as String?, OutsideFailure.Kind.refused), (401, nil, .refused),
        (403, "security_exception", .refused), (404, "index_not_found_exception", .refused),
        (429, "rejected_execution_exception", .throttled(retryAfterSeconds: 7)), (408, nil, .unavailable),
        (500, "search_phase_execution_exception", .unavailable),
        (503, "cluster_block_exception", .unavailable),
    ])
    func `a refusal is told by its word alone`(status: Int, type: String?, kind: OutsideFailure.Kind) throws {
        let inquiry = try inquiry()
        let body = type.map { Self.error($0, status) } ?? "Unauthorized"
        let told = failure(answer(body, status: status, ["retry-after": "7"])) { _ = try $0.propose(inquiry) }
        #expect(told?.kind == kind && told?.code == type && told?.reason == "status \(status)")
    }

    @Test func `a cluster that is not reached, or not in time, is away`() throws {
        let inquiry = try inquiry()
        for kind in [Failure.Kind.timeout, .connect, .tls, .other] {
            let told = failure(.failure(Failure(kind, "it is"))) { _ = try $0.propose(inquiry) }
            #expect(told?.kind == .unavailable)
        }
    }

    @Test func `an index is there, or not, or made by somebody else just now`() throws {
        #expect(try index(Script([answer("")])).isThere())
        #expect(try !index(Script([answer("", status: 404)])).isThere())
        #expect(failure(answer("", status: 503)) { _ = try $0.isThere() }?.kind == .unavailable)
        try index(Script([answer(#"{"acknowledged":true,"shards_acknowledged":true,"index":"i"}"#)])).make()
        try index(Script([answer(Self.error("resource_already_exists_exception", 400), status: 400)])).make()
        #expect(
            failure(answer(Self.error("mapper_parsing_exception", 400), status: 400)) { try $0.make() }?.code
                == "mapper_parsing_exception")
    }

    private let refreshed = #"{"_shards":{"total":2,"successful":1,"failed":0}}"#
    private let deleted =
        #"{"took":143,"timed_out":false,"total":1,"deleted":1,"batches":1,"version_conflicts":1,"noops":0,"#
        + #""retries":{"bulk":0,"search":0},"throttled_millis":0,"requests_per_second":-1.0,"#
        + #""throttled_until_millis":0,"failures":[]}"#

    @Test func `what is older is gone when it is settled, and not before all shards say so`() throws {
        let script = Script([answer(refreshed), answer(deleted)])
        try index(script).settle(id(1), 7)
        #expect(script.requests.map(\.method) == ["POST", "POST"])
        let half = deleted.replacing("\"failures\":[]", with: "\"failures\":[{\"cause\":{},\"status\":503}]")
        let late = deleted.replacing("\"timed_out\":false", with: "\"timed_out\":true")
        for body in [half, late] {
            #expect(
                failure(answer(refreshed), answer(body)) { try $0.settle(id(1), 7) }?.code == "partial")
        }
        let unrefreshed = refreshed.replacing("\"failed\":0", with: "\"failed\":1")
        #expect(failure(answer(unrefreshed)) { try $0.settle(id(1), 7) }?.code == "partial")
    }
}

private let one = "00000000-0000-0000-0000-000000000001"
