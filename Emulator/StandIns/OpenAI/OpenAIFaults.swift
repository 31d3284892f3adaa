import Foundation
import Synchronization

/// What the stand-in does wrong on purpose, for whoever wants to see how the shop bears it:
///
///     curl -X PUT http://127.0.0.1:PORT/faults -d '[{"kind": "status", "status": 500, "every": 10}]'
///
/// Of the requests to the two endpoints the first fault whose turn it is befalls one. `GET /faults` tells how many were
/// asked, how many of each path were answered well, and what befell the others.
final class OpenAIFaults: Sendable {
    enum Kind: String, CaseIterable {
        /// An error with this status, and `Retry-After` if it is told.
        case status
        /// The connection is answered only after `seconds`.
        case late
        /// 200, with nothing, with what is no JSON, or with the first half of the answer.
        case empty, noJSON = "no-json", half
        /// 200, with the words in Russian letters, and said to be Russian.
        case otherLanguage = "other-language"
    }

    struct Fault {
        var kind: Kind
        var status = 500
        var retryAfterSeconds: Int?
        var seconds = 0.0
        /// Only requests whose path ends so.
        var path: String?
        /// Each so many-th request that it could befall.
        var every = 1
        /// How often it befalls one; nil for ever.
        var times: Int?
        var until: Date?
        var seen = 0
    }

    private struct State {
        var faults: [Fault] = []
        var asked = 0
        var answered: [String: Int] = [:]
        var befallen: [String: Int] = [:]
    }

    private let state = Mutex(State())
    private let now: @Sendable () -> Date

    init(now: @escaping @Sendable () -> Date) { self.now = now }

    func answer(_ call: Call) throws(OpenAIProblem) -> Answer {
        switch call.method {
        case "GET": return .json(200, report)
        case "PUT": return try set(call.body)
        default: throw OpenAIProblem(status: 405, "Faults are read with GET and set with PUT.")
        }
    }

    private func set(_ body: [UInt8]) throws(OpenAIProblem) -> Answer {
        guard let told = try? JSON(parsing: body), case .array(let elements) = told else {
            throw OpenAIProblem("faults are a JSON array of objects; [] ends them")
        }
        var faults: [Fault] = []
        for element in elements { faults.append(try fault(element)) }
        state.withLock { $0.faults = faults }
        return .json(200, report)
    }

    private func fault(_ told: JSON) throws(OpenAIProblem) -> Fault {
        let known = [
            "kind", "status", "retryAfterSeconds", "seconds", "path", "every", "times", "forSeconds",
        ]
        guard case .object(let members) = told, let kind = told["kind"].string.flatMap(Kind.init) else {
            let kinds = Kind.allCases.map(\.rawValue).joined(separator: ", ")
            throw OpenAIProblem(parameter: "kind", "a fault has a kind, one of: \(kinds)")
        }
        if let odd = members.keys.filter({ !known.contains($0) }).min() {
            throw OpenAIProblem(parameter: odd, "known of a fault: \(known.joined(separator: ", "))")
        }
        var fault = Fault(kind: kind)
        fault.status = told["status"].integer ?? 500
        guard (400...599).contains(fault.status) else {
            throw OpenAIProblem(parameter: "status", "400 to 599")
        }
        (fault.retryAfterSeconds, fault.times) = (told["retryAfterSeconds"].integer, told["times"].integer)
        (fault.seconds, fault.path) = (told["seconds"].double ?? 0, told["path"].string)
        fault.every = max(1, told["every"].integer ?? 1)
        fault.until = told["forSeconds"].double.map { now().addingTimeInterval($0) }
        return fault
    }

    private var report: JSON {
        state.withLock { state in
            let counts: ([String: Int]) -> JSON = { .object($0.mapValues(JSON.integer)) }
            return [
                "asked": .integer(state.asked), "answered": counts(state.answered),
                "befallen": counts(state.befallen), "faults": .integer(state.faults.count),
            ]
        }
    }

    /// Answers a request as it is to be answered, and counts it.
    func answering(_ path: String, _ answer: () async throws -> Answer) async throws -> Answer {
        guard let fault = next(path) else {
            let answer = try await answer()
            if answer.status == 200 { state.withLock { $0.answered[path, default: 0] += 1 } }
            return answer
        }
        switch fault.kind {
        case .status:
            var problem = OpenAIProblem(
                status: fault.status, type: fault.status == 429 ? "requests" : "server_error",
                code: fault.status == 429 ? "rate_limit_exceeded" : nil, "This fault was asked for.")
            problem.retryAfterSeconds = fault.retryAfterSeconds
            throw problem
        case .late:
            try await Task.sleep(for: .seconds(fault.seconds))
            return try await answer()
        case .empty: return Answer(status: 200, headers: [("content-type", "application/json")], body: [])
        case .noJSON: return .text(200, "<html><body>Service Temporarily Unavailable</body></html>")
        case .half:
            var answer = try await answer()
            answer.body = Array(answer.body.prefix(answer.body.count / 2))
            return answer
        case .otherLanguage:
            let answer = try await answer()
            guard answer.status == 200, let told = try? JSON(parsing: answer.body) else { return answer }
            return .json(200, told.inRussian)
        }
    }

    private func next(_ path: String) -> Fault? {
        state.withLock { state in
            state.asked += 1
            for index in state.faults.indices {
                let fault = state.faults[index]
                guard fault.path.map(path.hasSuffix) ?? true, fault.times != 0,
                    fault.until.map({ $0 > now() }) ?? true
                else { continue }
                state.faults[index].seen += 1
                guard state.faults[index].seen % fault.every == 0 else { continue }
                state.faults[index].times = fault.times.map { $0 - 1 }
                state.befallen[fault.kind.rawValue, default: 0] += 1
                return fault
            }
            return nil
        }
    }
}

extension JSON {
    /// What was heard or written, and by which name its language goes; all else stays.
    fileprivate var inRussian: JSON {
        switch self {
        case .array(let elements): .array(elements.map(\.inRussian))
        case .object(let members):
            .object(members.merging(members.map { ($0, $1.inRussian(as: $0)) }) { $1 })
        default: self
        }
    }

    private func inRussian(as name: String) -> JSON {
        guard case .string(let words) = self else { return inRussian }
        return switch name {
        case "language": "russian"
        case "text", "word", "content":
            .string(words.applyingTransform(.latinToCyrillic, reverse: false) ?? words)
        default: self
        }
    }
}
