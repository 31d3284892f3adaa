/// What a function does about each kind of event it is there for.
struct Triggers<World: Serving> {
    var http: ((Request, World) throws -> Response)?
    var streamedHTTP: ((Request, World) throws -> StreamedResponse)?
    var storage: ((StorageRecord, World) throws -> Void)?
    var queue: ((QueueMessage, World) throws -> Void)?
    var schedule: ((ScheduleEvent, World) throws -> Void)?
    var bus: ((BusEvent, World) throws -> Void)?
    /// Takes, byte for byte, whatever the others do not.
    var direct: (([UInt8], World) throws -> [UInt8])?

    /// What is to be told of an event.
    enum Outcome {
        case answer([UInt8])
        case stream(StreamedResponse)
    }

    func outcome(of payload: [UInt8], _ invocation: Invocation, in world: World) throws -> Outcome {
        if let direct, isDirectOnly {
            Telling.kind("direct", .server)
            return .answer(try direct(payload, world))
        }
        switch Event(try JSON(parsing: payload)) {
        case .http(let event):
            if let http { return .answer(answer(event, invocation, in: world, http).payload) }
            if let streamedHTTP { return .stream(stream(event, invocation, in: world, streamedHTTP)) }
        case .storage(let records):
            Telling.kind("storage", .consumer)
            if let storage { return try handle(records, in: world, storage) }
        case .storageTest:
            if storage != nil {
                log("the storage tried out its notification")
                return .nothing
            }
        case .queue(let records):
            Telling.kind("queue", .consumer, ["messaging.batch.message_count": .number(records.count)])
            if let queue { return try handle(records, in: world, queue) }
        case .schedule(let event):
            Telling.kind("schedule", .consumer)
            if let schedule {
                try schedule(ScheduleEvent(event), world)
                return .nothing
            }
        case .bus(let event):
            if let bus {
                let event = try BusEvent(event)
                Telling.kind("bus \(event.topic)", .consumer)
                try bus(event, world)
                return .nothing
            }
        case .other: break
        }
        guard let direct else { throw UnknownEvent() }
        Telling.kind("direct", .server)
        return .answer(try direct(payload, world))
    }

    private var isDirectOnly: Bool {
        http == nil && streamedHTTP == nil && storage == nil && queue == nil && schedule == nil && bus == nil
    }

    private func answer(
        _ event: HTTPEvent, _ invocation: Invocation, in world: World,
        _ handler: (Request, World) throws -> Response
    ) -> Response {
        Lambda.answer(event.request(invocation)) { request in
            try handler(event.completed(request), world)
        }
    }

    private func stream(
        _ event: HTTPEvent, _ invocation: Invocation, in world: World,
        _ handler: (Request, World) throws -> StreamedResponse
    ) -> StreamedResponse {
        let request = event.request(invocation)
        request.tellKind()
        do { return try handler(event.completed(request), world).logged(as: request) } catch {
            return StreamedResponse(Response(Lambda.refusal(of: request, for: error))).logged(as: request)
        }
    }

    /// One record that fails must not hide the others: all are tried, then the first failure is reported, and
    /// the storage sends the whole event again.
    private func handle(
        _ records: [JSON], in world: World, _ handler: (StorageRecord, World) throws -> Void
    ) throws -> Outcome {
        var failure: (any Error)?
        for record in records {
            do { try handler(StorageRecord(record), world) } catch {
                if failure != nil { logFailure("a further record failed", error) }
                failure = failure ?? error
            }
        }
        if let failure { throw failure }
        return .nothing
    }

    /// Only the messages that failed come again. A message without an id cannot be named, so it fails the
    /// whole batch.
    private func handle(
        _ records: [JSON], in world: World, _ handler: (QueueMessage, World) throws -> Void
    ) throws -> Outcome {
        var failed: [String] = []
        for message in try records.map(QueueMessage.init) {
            do { try traced(message) { try handler(message, world) } } catch {
                log(
                    "message failed",
                    [
                        "message": message.id, "receiveCount": message.receiveCount,
                        "type": String(describing: type(of: error)), "error": String(describing: error),
                    ], level: .error)
                failed.append(message.id)
            }
        }
        Telling.failedMessages(failed.count)
        return .answer(batchAnswer(failed))
    }

    /// Messages of a batch come from many: each is a span of its sender's trace, linked to the event by which
    /// it came, so that what became of one thing is one picture. Where the event is of the same trace, it is
    /// simply below it.
    private func traced(_ message: QueueMessage, _ handle: () throws -> Void) throws {
        let event = Trace.context
        let sender = message.attributes["AWSTraceHeader"].flatMap(TraceContext.init(header:))
        let isForeign = sender.map { $0.isSampled && $0.trace != event?.trace } ?? false
        try Trace.span(
            "message", .consumer, ["messaging.message.id": .text(message.id)],
            below: isForeign ? sender : event, links: isForeign ? event.map { [$0] } ?? [] : [], handle)
    }

    private func batchAnswer(_ failed: [String]) -> [UInt8] {
        var json: [UInt8] = []
        json.append(#"{"batchItemFailures":["#)
        for (index, id) in failed.enumerated() {
            if index > 0 { json.append(UInt8(ascii: ",")) }
            json.appendJSON(["itemIdentifier": id])
        }
        json.append("]}")
        return json
    }
}

extension Triggers.Outcome {
    /// Nobody reads the answer to an event that nobody waits for.
    fileprivate static var nothing: Self { .answer([UInt8]("null".utf8)) }
}
