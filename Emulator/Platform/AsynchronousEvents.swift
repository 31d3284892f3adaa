import Foundation
import Groundwork
import Template

/// Events of the invocation type `Event`: each is a file until its function has answered, or it has ended as
/// a dead letter. An event may be handed over more than once, as on the real platform.
actor AsynchronousEvents {
    typealias Invoke = @Sendable (String, InvocationEvent) async -> InvocationOutcome

    struct Record: Codable, Sendable {
        var requestID: String
        var function: String
        var payload: Data
        var traceID: String
        var clientContext: String?
        var accepted: Date
        var attempts: Int
    }

    private struct Line {
        var waiting: [Record] = []
        var active = 0
    }

    private let folder: URL
    private let functions: [String: Function]
    private let limits: [String: Int]
    private let configuration: HostConfiguration
    private var lines: [String: Line] = [:]
    private var tasks: [String: Task<Void, Never>] = [:]
    private var sleeping: Set<String> = []
    private var invoke: Invoke?
    private let thread = SerialThread("events")

    nonisolated var unownedExecutor: UnownedSerialExecutor { thread.asUnownedSerialExecutor() }

    init(functions: [Function], configuration: HostConfiguration, limits: [String: Int]) {
        self.functions = Dictionary(functions.map { ($0.name, $0) }, uniquingKeysWith: { first, _ in first })
        self.configuration = configuration
        self.limits = limits
        folder = configuration.stateFolder.appending(path: "events")
    }

    func start(_ invoke: @escaping Invoke) throws {
        self.invoke = invoke
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        let files = try FileManager.default.contentsOfDirectory(at: folder, includingPropertiesForKeys: nil)
        let left = files.filter { $0.pathExtension == "json" }.compactMap { file in
            (try? Data(contentsOf: file)).flatMap { try? JSONDecoder().decode(Record.self, from: $0) }
        }
        for record in left.sorted(by: { $0.accepted < $1.accepted }) { line(up: record) }
    }

    func accept(_ event: InvocationEvent, for function: String) throws {
        let record = Record(
            requestID: event.requestID, function: function, payload: Data(event.payload),
            traceID: event.traceID, clientContext: event.clientContext, accepted: Date(), attempts: 0)
        try keep(record)
        line(up: record)
    }

    /// Those between two attempts have nothing to lose and end at once, those under way within `grace`.
    func stop(grace: Duration) async {
        invoke = nil
        for requestID in sleeping { tasks[requestID]?.cancel() }
        let deadline = ContinuousClock.now + grace
        while !tasks.isEmpty, ContinuousClock.now < deadline {
            try? await Task.sleep(for: .milliseconds(10))
        }
        for task in tasks.values { task.cancel() }
    }

    // MARK: One after the other

    private func line(up record: Record) {
        lines[record.function, default: Line()].waiting.append(record)
        next(record.function)
    }

    /// As many at once as the function may have environments.
    private func next(_ function: String) {
        guard let invoke, var line = lines[function] else { return }
        while line.active < max(limits[function] ?? 1, 1), !line.waiting.isEmpty {
            let record = line.waiting.removeFirst()
            line.active += 1
            tasks[record.requestID] = Task {
                await self.run(record, invoke)
                self.done(record)
            }
        }
        lines[function] = line
    }

    private func done(_ record: Record) {
        tasks[record.requestID] = nil
        lines[record.function]?.active -= 1
        next(record.function)
    }

    private func run(_ given: Record, _ invoke: Invoke) async {
        var record = given
        let event = InvocationEvent(
            payload: Array(record.payload), requestID: record.requestID, traceID: record.traceID,
            clientContext: record.clientContext)
        let rules = functions[record.function]?.asynchronous ?? AsynchronousInvocation()
        while self.invoke != nil, !Task.isCancelled {
            let outcome = await invoke(record.function, event)
            // The emulator's own end is nobody's failure: the event is handed over again at the next start.
            if self.invoke == nil, outcome.errorType == "Sandbox.Failure" || outcome == .throttled { return }
            record.attempts += outcome == .throttled ? 0 : 1
            let isTooOld = -record.accepted.timeIntervalSinceNow > Double(rules.maximumAgeSeconds)
            switch outcome {
            case .response:
                return await conclude(record, outcome, rules.onSuccess, "Success")
            case .functionError where record.attempts > rules.maximumRetries:
                return await bury(record, outcome, rules, "RetriesExhausted")
            case .functionError, .throttled:
                if isTooOld { return await bury(record, outcome, rules, "EventAgeExceeded") }
            case .noSuchFunction, .tooLarge:
                return remove(record)
            }
            try? keep(record)
            await pause(record)
        }
    }

    private func pause(_ record: Record) async {
        let delays = configuration.retryDelaySeconds
        let index = min(max(record.attempts - 1, 0), delays.count - 1)
        guard invoke != nil, index >= 0 else { return }
        sleeping.insert(record.requestID)
        defer { sleeping.remove(record.requestID) }
        try? await Task.sleep(for: .seconds(delays[index]))
    }

    // MARK: The end of an event

    private func bury(
        _ record: Record, _ outcome: InvocationOutcome, _ rules: AsynchronousInvocation, _ condition: String
    ) async {
        if let target = rules.deadLetterTarget {
            var attributes = ["RequestID": record.requestID, "ErrorCode": "200"]
            if case .functionError(_, let payload, _) = outcome {
                attributes["ErrorMessage"] = String(decoding: payload.prefix(1_024), as: UTF8.self)
            } else {
                attributes["ErrorCode"] = "429"
            }
            let letter = AsynchronousLetter(
                target: target, body: Array(record.payload), attributes: attributes)
            guard await post(letter) else { return }
        }
        await conclude(record, outcome, rules.onFailure, condition)
    }

    private func conclude(
        _ record: Record, _ outcome: InvocationOutcome, _ target: String?, _ condition: String
    ) async {
        if let target, let function = functions[record.function] {
            let body = Self.destinationRecord(record, outcome, function.arn, condition)
            guard await post(AsynchronousLetter(target: target, body: body)) else { return }
        }
        remove(record)
    }

    /// The file stays when the letter could not be delivered: the event is taken up again at the next start.
    private func post(_ letter: AsynchronousLetter) async -> Bool {
        do {
            try await configuration.deliver(letter)
            return true
        } catch {
            let text = "not delivered to \(letter.target): \(error)"
            configuration.log(
                LogLine(function: "", environment: "", requestID: nil, isFromPlatform: true, text: text))
            return false
        }
    }

    private func file(_ record: Record) -> URL {
        folder.appending(path: "\(record.requestID).json")
    }

    private func keep(_ record: Record) throws {
        try JSONEncoder().encode(record).write(to: file(record), options: .atomic)
    }

    private func remove(_ record: Record) {
        try? FileManager.default.removeItem(at: file(record))
    }

    /// https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-retain-records.html
    private static func destinationRecord(
        _ record: Record, _ outcome: InvocationOutcome, _ arn: String, _ condition: String
    ) -> [UInt8] {
        func json(_ bytes: some Sequence<UInt8>) -> String {
            let text = String(decoding: Array(bytes), as: UTF8.self)
            return text.isEmpty ? "null" : text
        }
        var context = #"{"statusCode":200,"executedVersion":"$LATEST"}"#
        var response = "null"
        switch outcome {
        case .response(let payload, _): response = json(payload)
        case .functionError(_, let payload, _):
            context = #"{"statusCode":200,"executedVersion":"$LATEST","functionError":"Unhandled"}"#
            response = json(payload)
        case .throttled, .noSuchFunction, .tooLarge: context = #"{"statusCode":429}"#
        }
        let text = """
            {"version":"1.0","timestamp":"\(Date().formatted(.iso8601))","requestContext":\
            {"requestId":"\(record.requestID)","functionArn":"\(arn):$LATEST","condition":"\(condition)",\
            "approximateInvokeCount":\(record.attempts)},"requestPayload":\(json(record.payload)),\
            "responseContext":\(context),"responsePayload":\(response)}
            """
        return Array(text.utf8)
    }
}
