public import Bookshop
internal import FoundationEssentials
public import HTTP

extension PassageProposals {
    /// An index of OpenSearch, at the URL of its cluster. `pause` waits for so many milliseconds.
    public static func openSearch(
        base: String, pause: @escaping (Int) -> Void, send: @escaping Send
    ) -> PassageProposals {
        let api = OpenSearchAPI(base: base)
        return PassageProposals(
            isThere: {
                let response = try sent(api.exists(), send)
                switch response.status {
                case 200: return true
                case 404: return false
                default: throw OutsideFailure(refusal: response)
                }
            },
            make: {
                let response = try sent(api.make(), send)
                let failure = OutsideFailure(refusal: response)
                // Somebody else was quicker.
                guard response.status == 200 || failure.code == "resource_already_exists_exception" else {
                    throw failure
                }
            },
            write: { text, phrases in
                for start in stride(from: 0, to: phrases.count, by: OpenSearchAPI.mostPhrases) {
                    let end = min(start + OpenSearchAPI.mostPhrases, phrases.count)
                    try put(phrases[start..<end], of: text, api, pause, send)
                }
            },
            settle: { transcript, oldest in
                // What was written just now is to be found, and what is older to be found for deleting it.
                let refreshed = try answer(ShardsAnswer.self, to: api.refresh(), send)
                guard refreshed.shards.failed == 0 else { throw partial }
                let deletion = try answer(
                    DeletionAnswer.self, to: api.delete(transcript, olderThan: oldest), send)
                guard !deletion.timedOut, deletion.failures.isEmpty else { throw partial }
            },
            propose: { inquiry in
                let found = try answer(SearchAnswer.self, to: api.propose(inquiry), send)
                guard !found.timedOut, found.shards.failed == 0 else { throw partial }
                return try found.hits.hits.map { hit in
                    guard let place = hit.place else { throw unreadable("hits") }
                    return place
                }
            })
    }
}

/// Those that the service has no room for now are sent again, twice, and the others not.
private func put(
    _ phrases: ArraySlice<IndexedPhrase>, of text: IndexedText, _ api: OpenSearchAPI,
    _ pause: (Int) -> Void, _ send: Send
) throws(OutsideFailure) {
    var waiting = phrases
    var refused: [BulkAnswer.Item] = []
    for attempt in 1... {
        let bulk = try answer(BulkAnswer.self, to: api.write(waiting, of: text), send)
        guard let outcomes = bulk.outcomes(of: waiting.count) else { throw unreadable("items") }
        refused += outcomes.filter { !$0.isDone && !$0.isToComeAgain }
        waiting = zip(waiting, outcomes).filter { $1.isToComeAgain }.map { $0.0 }[...]
        if waiting.isEmpty { break }
        guard attempt < 3 else {
            throw OutsideFailure(
                .throttled(retryAfterSeconds: 30), code: outcomes.first(where: \.isToComeAgain)?.error?.type,
                reason: "no room for \(waiting.count) of \(phrases.count) phrases")
        }
        pause(500 * attempt)
    }
    guard let first = refused.first else { return }
    throw OutsideFailure(
        .refused, code: first.error?.type,
        reason: "\(refused.count) of \(phrases.count) phrases, status \(first.status)")
}

private var partial: OutsideFailure {
    OutsideFailure(.unavailable, code: "partial", reason: "not all of the index answered")
}

private func unreadable(_ path: String) -> OutsideFailure {
    OutsideFailure(
        .undecided, code: OutsideFailure.wrongShape, reason: "\(path) is not what was expected")
}

private func sent(_ request: Request, _ send: Send) throws(OutsideFailure) -> Response {
    do throws(Failure) { return try send(request) } catch {
        throw OutsideFailure(.unavailable, reason: error.reason)
    }
}

private func answer<Answer: Decodable>(_: Answer.Type, to request: Request, _ send: Send)
    throws(OutsideFailure) -> Answer
{
    let response = try sent(request, send)
    guard response.status == 200 else { throw OutsideFailure(refusal: response) }
    do { return try JSONDecoder().decode(Answer.self, from: Data(response.body)) } catch {
        throw unreadable("the answer")
    }
}
