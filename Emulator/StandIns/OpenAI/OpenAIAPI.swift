import Cryptography
import Foundation
import Synchronization

/// Key, limit and route.
final class OpenAIAPI: Sendable {
    private let configuration: OpenAIStandIn.Configuration
    private let transcriptions: TranscriptionEndpoint
    private let chat: ChatEndpoint
    private let underWay = Mutex(0)
    private let faults: OpenAIFaults

    init(configuration: OpenAIStandIn.Configuration) {
        self.configuration = configuration
        faults = OpenAIFaults(now: configuration.now)
        transcriptions = TranscriptionEndpoint(
            models: configuration.transcriptionModels, decodingSeconds: configuration.decodingSeconds,
            recogniser: Recogniser(
                limit: configuration.recogniserLimit,
                sampleLimit: configuration.hearingLimitSeconds * AudioDecoder.samplesPerSecond,
                model: configuration.model))
        chat = ChatEndpoint(models: configuration.chatModels, now: configuration.now)
    }

    func answer(_ call: Call) async -> Answer {
        let answer: Answer
        do {
            if call.path == ["faults"] {
                answer = try faults.answer(call)
            } else {
                try authorize(call)
                answer = try await route(call)
            }
        } catch let problem as OpenAIProblem {
            answer = problem.answer
        } catch {
            answer = OpenAIProblem(status: 500, type: "server_error", "The stand-in failed: \(error)").answer
        }
        return answer.adding("x-request-id", RandomID.make("req_", length: 24))
            .adding("openai-version", "2020-10-01")
    }

    private func route(_ call: Call) async throws -> Answer {
        switch (call.method, call.path.joined(separator: "/")) {
        case ("POST", "v1/audio/transcriptions"):
            return try await faults.answering(call.rawPath) {
                try await limited { try await transcriptions.answer(call) }
            }
        case ("POST", "v1/chat/completions"):
            return try await faults.answering(call.rawPath) { try await limited { try chat.answer(call) } }
        case ("GET", "v1/models"):
            let models = configuration.transcriptionModels + configuration.chatModels
            return .json(200, ["object": "list", "data": .array(models.map(Self.model))])
        case ("GET", _) where call.path.count == 3 && call.path.starts(with: ["v1", "models"]):
            let models = configuration.transcriptionModels + configuration.chatModels
            guard models.contains(call.path[2]) else { throw OpenAIProblem.unknownModel(call.path[2]) }
            return .json(200, Self.model(call.path[2]))
        default:
            throw OpenAIProblem(
                status: 404, code: "unknown_url", "Unknown request URL: \(call.method) \(call.rawPath).")
        }
    }

    private static func model(_ name: String) -> JSON {
        ["id": .string(name), "object": "model", "created": 1_677_532_384, "owned_by": "earshelf"]
    }

    private func limited(_ work: () async throws -> Answer) async throws -> Answer {
        let isFree = underWay.withLock { count in
            guard count < configuration.requestLimit else { return false }
            count += 1
            return true
        }
        guard isFree else { throw OpenAIProblem.tooMany(retryAfterSeconds: 1) }
        defer { underWay.withLock { $0 -= 1 } }
        return try await work()
    }

    private func authorize(_ call: Call) throws(OpenAIProblem) {
        let parts = (call.headers["authorization"] ?? "").split(separator: " ")
        guard parts.count == 2, parts[0].lowercased() == "bearer" else {
            throw OpenAIProblem(
                status: 401,
                "You didn't provide an API key. You need to provide your API key in an Authorization header "
                    + "using Bearer auth (i.e. Authorization: Bearer YOUR_KEY).")
        }
        guard constantTimeEqual(Array(parts[1].utf8), Array(configuration.apiKey.utf8)) else {
            throw OpenAIProblem(
                status: 401, code: "invalid_api_key",
                "Incorrect API key provided: \(parts[1].prefix(3))***\(parts[1].suffix(2)).")
        }
    }
}
