import Cryptography
import Foundation
import Groundwork

/// All that the stand-in knows, behind one door: what one caller does is done before the next begins.
actor StripeLedger {
    private var objects: DurableObjects
    private let configuration: StripeStandIn.Configuration
    private var webhook: StripeStandIn.Webhook?
    /// The keys of requests under way, each with the fingerprint of its parameters.
    private var underWay: [String: String] = [:]
    private var address = ""
    /// Ids of events to deliver, in the order in which they happened.
    nonisolated let deliveries: AsyncStream<String>
    private let toDeliver: AsyncStream<String>.Continuation
    private let thread = SerialThread("stripe")

    nonisolated var unownedExecutor: UnownedSerialExecutor { thread.asUnownedSerialExecutor() }

    init(_ configuration: StripeStandIn.Configuration) throws {
        self.configuration = configuration
        objects = try DurableObjects(file: configuration.folder.appending(path: "objects.jsonl"))
        webhook = configuration.webhook
        (deliveries, toDeliver) = AsyncStream.makeStream()
    }

    /// Takes up what was not delivered before the last end.
    func begin(at address: String) {
        self.address = address
        for id in objects.ids(of: "delivery") where objects["delivery", id]?["isAbandoned"] != true {
            toDeliver.yield(id)
        }
    }

    func send(eventsTo webhook: StripeStandIn.Webhook?) { self.webhook = webhook }

    /// A story of reads and writes, all of which is on the disk when it returns, or none.
    func perform<Result: Sendable>(
        for request: (id: String, idempotencyKey: String?)? = nil,
        _ story: @Sendable (inout StripeWork) throws -> Result
    ) throws -> Result {
        var work = begin(for: request)
        let result = try story(&work)
        try commit(work)
        return result
    }

    /// Sessions past their time expire, delayed money arrives, slow refunds end.
    func sweep() throws {
        var work = begin(for: nil)
        for session in work.all("checkout.session")
        where session["status"] == "open" && (session["expires_at"].integer ?? 0) <= work.now {
            _ = try CheckoutSession.expire(session["id"].string ?? "", &work)
        }
        for id in objects.ids(of: "settlement") {
            guard let plan = objects["settlement", id], let due = plan["due"].integer, due <= work.now
            else { continue }
            StripePayment.settle(id, plan, &work)
        }
        for id in objects.ids(of: "refund_end") {
            guard let plan = objects["refund_end", id], let due = plan["due"].integer, due <= work.now
            else { continue }
            StripeRefund.end(id, plan, &work)
        }
        try commit(work)
    }

    private func begin(for request: (id: String, idempotencyKey: String?)?) -> StripeWork {
        StripeWork(
            over: objects, now: configuration.now(), address: address, apiVersion: configuration.apiVersion,
            request: request, deliversEvents: webhook != nil,
            settlementSeconds: configuration.settlementSeconds)
    }

    private func commit(_ work: StripeWork) throws {
        try objects.commit(work.changes)
        work.events.forEach { toDeliver.yield($0) }
    }
}

/// https://docs.stripe.com/api/idempotent_requests.
extension StripeLedger {
    private static let keptSeconds = 86400

    /// The stored answer of the first request under that key; nil where this is the first, which then must be
    /// answered under it or given up.
    func claim(_ key: String, fingerprint: String) throws -> Answer? {
        if let record = objects["idempotency", key],
            Int(configuration.now().timeIntervalSince1970) - (record["created"].integer ?? 0)
                < Self.keptSeconds
        {
            guard record["fingerprint"].string == fingerprint else {
                throw StripeProblem.otherParameters(key)
            }
            return Answer.json(record["status"].integer ?? 500, record["body"])
                .adding("idempotent-replayed", "true")
                .adding("original-request", record["request"].string ?? "")
        }
        if let other = underWay[key] {
            guard other == fingerprint else { throw StripeProblem.otherParameters(key) }
            throw StripeProblem(
                status: 409, type: "idempotency_error", code: "idempotency_key_in_use",
                "There is currently another in-progress request using this Idempotent Key (that probably "
                    + "means you submitted twice, and the other request is still going through): \(key). "
                    + "Please try again later.")
        }
        underWay[key] = fingerprint
        return nil
    }

    func release(_ key: String) { underWay[key] = nil }

    /// The answer is kept in the same change as what the request did, refusals included, so that a repetition
    /// after a crash finds both or neither.
    func answer(
        _ operation: StripeOperation, _ input: StripeOperation.Input, requestID: String,
        under key: String?, fingerprint: String
    ) throws -> Answer {
        var work = begin(for: (requestID, key))
        var answer: Answer
        do throws(StripeProblem) {
            let object = try operation.run(input, &work)
            let paths = input.parameters["expand"].elements.compactMap(\.string)
            answer = .json(200, try StripeList.expand(object, paths, work))
        } catch {
            if !error.isKept { work = begin(for: (requestID, key)) }
            answer = error.answer(requestID: requestID)
        }
        if let key {
            work.put(
                [
                    "fingerprint": .string(fingerprint), "status": .integer(answer.status),
                    "body": try JSON(parsing: answer.body), "created": .integer(work.now),
                    "request": .string(requestID),
                ], kind: "idempotency", id: key)
        }
        try commit(work)
        return answer
    }
}

extension StripeProblem {
    static func otherParameters(_ key: String) -> StripeProblem {
        StripeProblem(
            status: 400, type: "idempotency_error",
            "Keys for idempotent requests can only be used with the same parameters they were first used "
                + "with. Try using a key other than '\(key)' if you meant to execute a different request.")
    }
}

/// Deliveries: at least once, never in the way of a request.
extension StripeLedger {
    struct Delivery: Sendable {
        var event: [UInt8]
        var attempts: Int
        var webhook: StripeStandIn.Webhook
    }

    /// Nil where it was delivered or given up, or there is nobody to tell.
    func delivery(of id: String) -> Delivery? {
        guard let webhook, let plan = objects["delivery", id], plan["isAbandoned"] != true,
            let event = objects["event", id]
        else { return nil }
        return Delivery(event: event.bytes, attempts: plan["attempts"].integer ?? 0, webhook: webhook)
    }

    func delivered(_ id: String) throws {
        guard var event = objects["event", id] else { return }
        event["pending_webhooks"] = 0
        try objects.commit([
            DurableObjects.Change(key: .init(kind: "event", id: id), value: event),
            DurableObjects.Change(key: .init(kind: "delivery", id: id), value: nil),
        ])
    }

    func notDelivered(_ id: String, attempts: Int, isAbandoned: Bool) throws {
        let plan: JSON = ["attempts": .integer(attempts), "isAbandoned": .bool(isAbandoned)]
        try objects.commit([.init(key: .init(kind: "delivery", id: id), value: plan)])
    }
}
