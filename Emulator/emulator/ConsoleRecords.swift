import Foundation
import Groundwork
import Platform
import Synchronization

/// What the console shows of events and traces: the last of them, in memory alone. Whoever watches is told of
/// each change.
final class ConsoleRecords: Sendable {
    struct Line: Codable, Hashable, Sendable {
        /// Microseconds since 1970.
        var at: Int64
        var text: String
        var isFromPlatform: Bool
    }

    struct Invocation: Codable, Hashable, Sendable {
        var id: String
        var function: String
        var environment: String
        var trace: String
        var began: Int64
        var milliseconds: Double?
        var initMilliseconds: Double?
        var memoryBytes: Int?
        var error: String?
    }

    /// A trace in the list of them.
    struct Summary: Codable, Hashable, Sendable {
        var trace: String
        var name: String
        var start: Int64
        var end: Int64
        var spans: Int
        var services: [String]
        var hasFault: Bool
    }

    private struct State {
        var invocations = Recent<Invocation>(most: ConsoleRecords.mostInvocations)
        var lines = Recent<[Line]>(
            most: ConsoleRecords.mostInvocations, mostWeight: ConsoleRecords.mostBytes,
            weigh: { $0.reduce(0) { $0 + $1.text.utf8.count + 64 } })
        var traces = Recent<[ConsoleSpan]>(
            most: ConsoleRecords.mostTraces, mostWeight: ConsoleRecords.mostSpansOfAll, weigh: { $0.count })
        var watchers: [UUID: AsyncStream<String>.Continuation] = [:]
    }

    static let mostInvocations = 2_000
    static let mostTraces = 2_000
    /// In a list; older ones are found by their id.
    static let mostListed = 400
    /// Of one trace, and of all.
    static let mostSpans = 1_000
    static let mostSpansOfAll = 40_000
    /// Of all logs.
    static let mostBytes = 16 << 20
    static let mostLines = 200
    static let longestLine = 2_000
    private let state = Mutex(State())

    // MARK: What happens

    func take(_ notice: InvocationNotice) {
        let changed = state.withLock { state -> Invocation? in
            switch notice {
            case .began(let event, let function, let environment):
                let invocation = Invocation(
                    id: event.requestID, function: function, environment: environment,
                    trace: event.trace ?? "", began: Date().microseconds)
                state.invocations.put(invocation, under: invocation.id)
                return invocation
            case .ended(let report):
                guard var invocation = state.invocations[report.requestID] else { return nil }
                (invocation.milliseconds, invocation.error) = (report.milliseconds, report.errorType)
                (invocation.initMilliseconds, invocation.memoryBytes) = (
                    report.initMilliseconds, report.memoryBytes
                )
                state.invocations.put(invocation, under: invocation.id)
                return invocation
            }
        }
        if let changed { tell("invocation", changed) }
    }

    func take(_ line: LogLine) {
        guard let id = line.requestID else { return }
        let text = line.text.count <= Self.longestLine ? line.text : line.text.prefix(Self.longestLine) + "…"
        let taken = Line(at: Date().microseconds, text: text, isFromPlatform: line.isFromPlatform)
        state.withLock { state in
            var lines = state.lines[id] ?? []
            if lines.count == Self.mostLines { lines.removeFirst() }
            lines.append(taken)
            state.lines.put(lines, under: id)
        }
        tell("line", Said(invocation: id, line: taken))
    }

    func take(_ spans: [ConsoleSpan]) {
        let changed = state.withLock { state in
            for (trace, more) in Dictionary(grouping: spans, by: \.trace) {
                let spans = ((state.traces[trace] ?? []) + more).suffix(Self.mostSpans)
                state.traces.put(Array(spans), under: trace)
            }
            return Set(spans.map(\.trace)).compactMap { id in
                state.traces[id].flatMap { Self.summary(id, $0) }
            }
        }
        for summary in changed { tell("trace", summary) }
    }

    private struct Said: Encodable {
        var invocation: String
        var line: Line
    }

    // MARK: What is asked

    /// The newest first.
    var invocations: [Invocation] { state.withLock { $0.invocations.newestFirst(Self.mostListed) } }
    func lines(of invocation: String) -> [Line] { state.withLock { $0.lines[invocation] ?? [] } }
    func spans(of trace: String) -> [ConsoleSpan] {
        state.withLock { $0.traces[trace] ?? [] }.sorted { $0.start < $1.start }
    }

    var summaries: [Summary] {
        state.withLock { $0.traces.newestFirst(Self.mostListed) }.compactMap { spans in
            spans.first.flatMap { Self.summary($0.trace, spans) }
        }
    }

    private static func summary(_ trace: String, _ spans: [ConsoleSpan]) -> Summary? {
        guard let first = spans.min(by: { $0.start < $1.start }) else { return nil }
        var services: [String] = []
        for span in spans.sorted(by: { $0.start < $1.start }) where !services.contains(span.service) {
            services.append(span.service)
        }
        return Summary(
            trace: trace, name: first.name, start: first.start, end: spans.map(\.end).max() ?? first.end,
            spans: spans.count, services: services, hasFault: spans.contains { $0.fault != nil })
    }

    // MARK: Who watches

    /// Messages of server-sent events (HTML, section 9.2). Who reads too slowly misses the oldest.
    func watch() -> (id: UUID, messages: AsyncStream<String>) {
        let (messages, watcher) = AsyncStream<String>.makeStream(bufferingPolicy: .bufferingNewest(512))
        let id = UUID()
        state.withLock { $0.watchers[id] = watcher }
        return (id, messages)
    }

    func unwatch(_ id: UUID) { state.withLock { $0.watchers.removeValue(forKey: id) }?.finish() }

    func endAll() {
        let watchers = state.withLock { state in
            defer { state.watchers = [:] }
            return state.watchers
        }
        for watcher in watchers.values { watcher.finish() }
    }

    var isWatched: Bool { state.withLock { !$0.watchers.isEmpty } }

    func tell(_ name: String, _ value: some Encodable) {
        guard isWatched, let data = try? JSONEncoder().encode(value) else { return }
        let message = "event: \(name)\ndata: \(String(decoding: data, as: UTF8.self))\n\n"
        state.withLock { state in
            for watcher in state.watchers.values { watcher.yield(message) }
        }
    }
}

extension Date {
    /// Since 1970.
    var microseconds: Int64 { Int64(timeIntervalSince1970 * 1_000_000) }
}
