internal import Glibc
internal import Synchronization

/// What is counted of the event under way: told as one line at its end, in CloudWatch's embedded metric
/// format, out of which the platform makes metrics without being called. Nothing in it is of a person.
///
/// Without `METRICS_NAMESPACE` nothing is counted.
/// https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html
public enum Metrics {
    /// What the shop itself does, besides answering.
    public enum Count: String, CaseIterable, Sendable {
        case ordersPaid, uploadsAccepted, chunksHeard, summariesWritten, eventsTold
    }

    /// Nil where nobody counts.
    @TaskLocal static var tally: MetricTally?

    /// Where the metrics are kept.
    static let namespace = environment("METRICS_NAMESPACE").flatMap { $0.isEmpty ? nil : $0 }
    private static let function = environment("AWS_LAMBDA_FUNCTION_NAME") ?? "function"

    public static func add(_ count: Count, _ amount: Int = 1) {
        guard amount > 0 else { return }
        tally?.change { $0.counts[count, default: 0] += amount }
    }

    /// The whole of an event, from when it came until it is answered.
    static func event<Value>(
        _ invocation: Invocation, isFirst: Bool, in namespace: String? = namespace, _ body: () -> Value
    ) -> Value {
        guard let namespace else { return body() }
        let tally = MetricTally(), start = ContinuousClock.now
        let value = $tally.withValue(tally, operation: body)
        var facts = tally.facts
        facts.milliseconds = milliseconds(start.duration(to: .now))
        facts.isFirst = isFirst
        Log.sink(line(facts, of: invocation, in: namespace))
        return value
    }

    private static func line(_ facts: MetricTally.Facts, of invocation: Invocation, in namespace: String)
        -> [UInt8]
    {
        let isRefused = facts.status.map { (400..<500).contains($0) } ?? false
        var values: [(name: String, unit: String, value: String)] = [
            ("events", "Count", "1"), ("duration", "Milliseconds", "\(facts.milliseconds)"),
            ("faults", "Count", "\(facts.faults)"), ("refusals", "Count", isRefused ? "1" : "0"),
            ("coldStarts", "Count", facts.isFirst ? "1" : "0"),
        ]
        for count in Count.allCases {
            if let counted = facts.counts[count] { values.append((count.rawValue, "Count", "\(counted)")) }
        }
        let metrics = values.map { #"{"Name":"\#($0.name)","Unit":"\#($0.unit)"}"# }.joined(separator: ",")
        var line: [UInt8] = []
        line.reserveCapacity(640)
        line.append(contentsOf: #"{"_aws":{"Timestamp":\#(wallNanoseconds() / 1_000_000),"#.utf8)
        line.append(#""CloudWatchMetrics":[{"Namespace":"#)
        line.appendJSON(namespace)
        line.append(#","Dimensions":[["function","trigger"]],"Metrics":["#)
        line.append(contentsOf: metrics.utf8)
        line.append(#"]}]},"function":"#)
        line.appendJSON(function)
        line.append(#","trigger":"#)
        line.appendJSON(facts.trigger)
        line.append(#","requestId":"#)
        line.appendJSON(invocation.id)
        for value in values { line.append(contentsOf: #","\#(value.name)":\#(value.value)"#.utf8) }
        line.append("}\n")
        return line
    }
}

/// What is known of the event by now.
final class MetricTally: Sendable {
    struct Facts: Sendable {
        /// The route, or the kind of event.
        var trigger = "unknown"
        var status: Int?
        /// One for what failed as a whole; of a batch, one for each message.
        var faults = 0
        var counts: [Metrics.Count: Int] = [:]
        var milliseconds = 0.0
        var isFirst = false
    }

    private let state = Mutex(Facts())

    var facts: Facts { state.withLock { $0 } }
    func change(_ change: (inout Facts) -> Void) { state.withLock { change(&$0) } }
}

/// What becomes known of the event under way, for its span and for its metrics.
enum Telling {
    static func kind(_ name: String, _ kind: TraceSpan.Kind, _ attributes: [String: TraceValue] = [:]) {
        Trace.describe(name, kind, attributes)
        Metrics.tally?.change { $0.trigger = name }
    }

    static func status(_ status: Int) {
        Trace.note("http.response.status_code", .number(status))
        Metrics.tally?.change { facts in
            facts.status = status
            if status >= 500 { facts.faults = max(1, facts.faults) }
        }
    }

    /// That it came to an error of ours.
    static func fault(_ error: any Error) {
        Trace.fail(String(describing: type(of: error)))
        Metrics.tally?.change { $0.faults = max(1, $0.faults) }
    }

    static func failedMessages(_ count: Int) { Metrics.tally?.change { $0.faults += count } }
}
