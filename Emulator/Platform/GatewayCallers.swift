import Synchronization
import Template

/// Counts what each caller asks, and refuses whoever asks too often.
///
/// What is refused counts too, so that whoever keeps on asking stays out. The platform looks at its counts every few
/// seconds; here they are exact, to the second.
final class GatewayCallers: Sendable {
    private let limits: [CallerLimit]
    private let windows = Mutex<[Caller: Window]>([:])

    /// So many callers are remembered before those that have gone silent are forgotten.
    private static let crowd = 10_000

    private struct Caller: Hashable {
        var rule: String
        var name: String
    }

    /// How many requests came in each of the last seconds, the oldest first.
    private struct Window {
        var seconds: [(second: Int64, count: Int)] = []
        var total = 0

        mutating func add(at second: Int64, keeping length: Int) {
            let gone = seconds.prefix { $0.second <= second - Int64(length) }
            total -= gone.reduce(0) { $0 + $1.count }
            seconds.removeFirst(gone.count)
            if seconds.last?.second == second {
                seconds[seconds.count - 1].count += 1
            } else {
                seconds.append((second, 1))
            }
            total += 1
        }
    }

    init(_ limits: [CallerLimit]) {
        self.limits = limits
    }

    /// The first limit that the caller is beyond with this request.
    func exceeded(by request: GatewayRequest, at second: Int64) -> CallerLimit? {
        windows.withLock { windows in
            if windows.count > Self.crowd { Self.forget(&windows, before: second - 600) }
            // The first that refuses ends it: the rules after it do not see the request.
            return limits.first { limit in
                guard limit.scope?.holds(method: request.method, path: request.path) ?? true,
                    let name = Self.name(of: limit.caller, in: request)
                else { return false }
                let caller = Caller(rule: limit.name, name: name)
                windows[caller, default: Window()].add(at: second, keeping: limit.windowSeconds)
                return windows[caller, default: Window()].total > limit.limit
            }
        }
    }

    private static func name(of caller: CallerLimit.Caller, in request: GatewayRequest) -> String? {
        switch caller {
        case .address: request.sourceIP
        case .header(let name): request.header(name)
        }
    }

    private static func forget(_ windows: inout [Caller: Window], before second: Int64) {
        windows = windows.filter { $0.value.seconds.last.map { $0.second > second } ?? false }
    }
}

extension GatewayAnswer {
    init(_ refusal: CallerLimit.Refusal) {
        self.init(
            status: refusal.status,
            headers: refusal.headers.sorted { $0.key < $1.key }.map { ($0.key, $0.value) },
            body: Array(refusal.body.utf8))
        if !refusal.contentType.isEmpty { headers.append(("content-type", refusal.contentType)) }
    }
}
