internal import Synchronization

/// The spans of the event under way, until they are sent.
final class TraceRecorder: Sendable {
    private struct State {
        var open: [TraceSpan] = []
        var ended: [TraceSpan] = []
        var left = 0
    }

    /// So many of an event are kept; how many were left out is told with the event's own.
    static let most = 512

    private let state = Mutex(State())

    func begin(_ span: TraceSpan) { state.withLock { $0.open.append(span) } }

    func change(_ context: TraceContext, _ change: (inout TraceSpan) -> Void) {
        state.withLock { state in
            guard let index = state.open.lastIndex(where: { $0.context == context }) else { return }
            change(&state.open[index])
        }
    }

    func end(_ context: TraceContext, fault: String?) {
        let end = wallNanoseconds()
        state.withLock { state in
            guard let index = state.open.lastIndex(where: { $0.context == context }) else { return }
            var span = state.open.remove(at: index)
            span.end = end
            span.fault = fault ?? span.fault
            if state.open.isEmpty, state.left > 0 {
                span.attributes["earshelf.spans_left_out"] = .number(state.left)
            }
            Self.keep(span, in: &state, always: state.open.isEmpty)
        }
    }

    func add(_ span: TraceSpan) { state.withLock { Self.keep(span, in: &$0, always: false) } }

    private static func keep(_ span: TraceSpan, in state: inout State, always: Bool) {
        if always || state.ended.count < most { state.ended.append(span) } else { state.left += 1 }
    }

    /// What has ended, which is forgotten here.
    func take() -> [TraceSpan] {
        state.withLock { state in
            defer { state = State() }
            return state.ended
        }
    }
}
