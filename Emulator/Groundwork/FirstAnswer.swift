import NIOCore
import NIOPosix
import Synchronization

/// What one waits for and several may tell: the first is heard, the others are not.
public final class FirstAnswer<Value: Sendable>: Sendable {
    private enum State {
        case untold
        case awaited(CheckedContinuation<Value, Never>)
        case told(Value)
    }

    private let state = Mutex(State.untold)

    public init() {}

    public func tell(_ value: Value) {
        let waiting = state.withLock { state -> CheckedContinuation<Value, Never>? in
            switch state {
            case .told: return nil
            case .untold:
                state = .told(value)
                return nil
            case .awaited(let waiting):
                state = .told(value)
                return waiting
            }
        }
        waiting?.resume(returning: value)
    }

    /// To be awaited once.
    public var value: Value {
        get async {
            await withCheckedContinuation { waiting in
                let told = state.withLock { state -> Value? in
                    if case .told(let value) = state { return value }
                    state = .awaited(waiting)
                    return nil
                }
                if let told { waiting.resume(returning: told) }
            }
        }
    }
}

/// What the work gives, or nil when it takes longer. It goes on then, and nobody hears it.
public func result<Value: Sendable>(
    within limit: Duration, of work: @escaping @Sendable () async -> Value
) async -> Value? {
    let first = FirstAnswer<Value?>()
    let timer = MultiThreadedEventLoopGroup.singleton.any().scheduleTask(in: TimeAmount(limit)) {
        first.tell(nil)
    }
    defer { timer.cancel() }
    Task { first.tell(await work()) }
    return await first.value
}
