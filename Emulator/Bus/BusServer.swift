import Cryptography
public import Foundation
public import Groundwork
import HTTPTypes
import Hummingbird
import HummingbirdCore
public import Logging
import NIOCore

/// As much of EventBridge's JSON protocol (`AWSEvents.…` in `x-amz-target`) as publishers speak.
public final class BusServer: Sendable {
    private let store: BusStore
    private let region: String
    private let account: String
    private let verifier: SignatureVerifier
    private let logger: Logger
    private let now: @Sendable () -> Date

    public init(
        store: BusStore, credentials: [AccessKey], region: String, account: String = "000000000000",
        logger: Logger = Logger(label: "bus"), now: @escaping @Sendable () -> Date = { Date() }
    ) {
        (self.store, self.region, self.account) = (store, region, account)
        (self.logger, self.now) = (logger, now)
        verifier = SignatureVerifier(keys: credentials, region: region, service: .other("events"), now: now)
    }

    /// Serves on 127.0.0.1 until the task is cancelled. `onRunning` is given the port, which 0 leaves to
    /// chance.
    public func run(port: Int, onRunning: @escaping @Sendable (Int) async -> Void = { _ in }) async throws {
        try await Listener.run(port: port, logger: logger, onRunning: onRunning) {
            await self.respond(to: $0)
        }
    }

    /// Ten entries with what JSON adds to them.
    private static let largestBodyBytes = 4 << 20
    /// A call's entries must weigh less.
    private static let limitBytes = 256 << 10

    private func respond(to request: Request) async -> Response {
        var response: Response
        do {
            let body = try await request.body.collect(upTo: Self.largestBodyBytes)
            response = try await answer(request, Array(body.readableBytesView))
        } catch let error as BusError {
            response = Self.response(.badRequest, ["__type": error.name, "message": error.message])
        } catch let error as SignatureRefusal {
            let refused = BusError(error)
            response = Self.response(.badRequest, ["__type": refused.name, "message": refused.message])
        } catch is NIOTooManyBytesError {
            let error = BusError.tooLarge
            response = Self.response(.badRequest, ["__type": error.name, "message": error.message])
        } catch {
            logger.error("bus failed", metadata: ["error": "\(error)"])
            response = Self.response(
                .internalServerError,
                ["__type": "InternalException", "message": "This exception occurs due to unexpected causes."])
        }
        response.headers[.contentType] = "application/x-amz-json-1.1"
        if let name = HTTPField.Name("x-amzn-RequestId") {
            response.headers[name] = UUID().uuidString.lowercased()
        }
        return response
    }

    private func answer(_ request: Request, _ body: [UInt8]) async throws -> Response {
        guard let arrival = Arrival(request), arrival.method == "POST",
            arrival.header("content-type")?.hasPrefix("application/x-amz-json-1.1") == true
        else { throw BusError("UnknownOperationException", "Only POST of the JSON protocol is spoken here.") }
        _ = try verifier.verify(arrival, payloadHash: Hex.encoded(SHA256.hash(body)))
        switch arrival.header("x-amz-target") {
        case "AWSEvents.PutEvents": return try await put(decoded(body))
        case "AWSEvents.TestEventPattern": return try test(decoded(body))
        case let target:
            throw BusError(
                "UnknownOperationException", "The action \(target ?? "") is not valid for this endpoint.")
        }
    }

    // MARK: Events

    private struct Entries: Decodable {
        let entries: [EntryDocument]?
        enum CodingKeys: String, CodingKey { case entries = "Entries" }
    }

    private struct Outcomes: Encodable {
        struct Outcome: Encodable {
            var id: String?
            var code: String?
            var message: String?

            enum CodingKeys: String, CodingKey {
                case id = "EventId"
                case code = "ErrorCode"
                case message = "ErrorMessage"
            }
        }

        let failures: Int
        let outcomes: [Outcome]

        enum CodingKeys: String, CodingKey {
            case failures = "FailedEntryCount"
            case outcomes = "Entries"
        }
    }

    /// What is wrong with one entry is its own failure; a call that is too large fails as one.
    private func put(_ call: Entries) async throws -> Response {
        let entries = call.entries ?? []
        guard (1...10).contains(entries.count) else {
            let bound = entries.isEmpty ? "greater than or equal to 1" : "less than or equal to 10"
            throw BusError.validation(
                "1 validation error detected: Value at 'entries' failed to satisfy constraint: Member must have "
                    + "length \(bound)")
        }
        guard entries.reduce(0, { $0 + $1.byteCount }) < Self.limitBytes else { throw BusError.tooLarge }
        var accepted: [AcceptedEvent] = []
        var outcomes: [Outcomes.Outcome] = []
        for entry in entries {
            do throws(EntryFailure) {
                let event = try AcceptedEvent(
                    entry, on: bus(of: entry), of: account, in: region, at: now())
                accepted.append(event)
                outcomes.append(Outcomes.Outcome(id: event.id))
            } catch {
                outcomes.append(Outcomes.Outcome(code: error.code, message: error.message))
            }
        }
        try await store.accept(accepted)
        return try Self.response(
            .ok, Outcomes(failures: outcomes.count { $0.id == nil }, outcomes: outcomes))
    }

    /// By name or by ARN. The platform takes events for a bus that is not there, and forgets them.
    private func bus(of entry: EntryDocument) throws(EntryFailure) -> String {
        let given = entry.eventBusName ?? "default"
        let beginning = "arn:aws:events:\(region):\(account):event-bus/"
        let name = given.hasPrefix(beginning) ? String(given.dropFirst(beginning.count)) : given
        guard store.buses.contains(name) else {
            throw EntryFailure("ResourceNotFoundException", "Event bus \(given) does not exist.")
        }
        return name
    }

    // MARK: Patterns

    private struct Trial: Decodable {
        let pattern: String?
        let event: String?

        enum CodingKeys: String, CodingKey {
            case pattern = "EventPattern"
            case event = "Event"
        }
    }

    private func test(_ trial: Trial) throws -> Response {
        let members = ["id", "detail-type", "source", "account", "time", "region", "resources", "detail"]
        guard let event = trial.event.flatMap({ JSONTree($0) }), members.allSatisfy({ event[$0] != nil })
        else {
            throw BusError.validation("Parameter Event is not valid.")
        }
        do {
            return try Self.response(.ok, ["Result": EventPattern(trial.pattern ?? "").matches(event)])
        } catch let error as PatternError {
            throw BusError("InvalidEventPatternException", "Event pattern is not valid. Reason: \(error)")
        }
    }

    // MARK: Documents

    private func decoded<Document: Decodable>(_ body: [UInt8]) throws -> Document {
        do { return try JSONDecoder().decode(Document.self, from: Data(body)) } catch {
            throw BusError(
                "SerializationException", "The request's document does not have the shape it should.")
        }
    }

    private static func response(_ status: HTTPResponse.Status, _ document: some Encodable) throws -> Response
    {
        let content = try JSONEncoder().encode(document)
        return Response(status: status, body: .init(byteBuffer: ByteBuffer(bytes: content)))
    }

    private static func response(_ status: HTTPResponse.Status, _ texts: [String: String]) -> Response {
        // Texts always have a JSON form.
        let content = (try? JSONEncoder().encode(texts)) ?? Data()
        return Response(status: status, body: .init(byteBuffer: ByteBuffer(bytes: content)))
    }
}
