import Foundation
import NIOCore
import Synchronization
import Template

/// The environments of one function: as many as there are events at once, up to a limit.
final class FunctionPool: Sendable {
    private struct Waiter {
        var id: Int
        var environment: CheckedContinuation<ExecutionEnvironment?, Never>
    }

    private struct State {
        var build: [Int64]?
        var lastLook = NIODeadline.distantPast
        var members: [String: ExecutionEnvironment] = [:]
        /// The most recently used one last: the others grow old, and go.
        var idle: [ExecutionEnvironment] = []
        /// Those that have answered and not yet polled again.
        var finishing: Set<String> = []
        /// Started from a build that is no longer the newest; they go when they are done.
        var outdated: Set<String> = []
        var leaving: [String: ExecutionEnvironment] = [:]
        var waiters: [Waiter] = []
        var nextWaiter = 0
        var isOpen = true

        /// One whose thread is the caller's need not be woken.
        mutating func takeIdle() -> ExecutionEnvironment? {
            let near = idle.lastIndex { $0.loop.inEventLoop } ?? idle.indices.last
            return near.map { idle.remove(at: $0) }
        }
    }

    private enum Step {
        case take(ExecutionEnvironment)
        case wait(TimeAmount)
        case refuse
    }

    let function: DeployedFunction
    private let group: any EventLoopGroup
    private let guardian: Guardian
    private let state = Mutex(State())
    /// An environment that has answered polls again within microseconds; a new process takes milliseconds.
    private static let moment = TimeAmount.milliseconds(25)

    init(_ function: DeployedFunction, group: any EventLoopGroup, guardian: Guardian) {
        self.function = function
        self.group = group
        self.guardian = guardian
    }

    /// Before the first event.
    func prepare() throws {
        try function.prepareTaskFolder()
        let build = function.build()
        state.withLock { $0.build = build }
    }

    var limit: Int {
        function.template.concurrencyLimit ?? function.settings.concurrencyPerFunction
    }

    func invoke(_ event: InvocationEvent) async -> InvocationOutcome {
        // An environment may go in the moment in which it is taken; then the next one is tried.
        while let environment = await take() {
            if let outcome = await environment.invoke(event) { return outcome }
        }
        return .throttled
    }

    /// nil when every environment is busy, and stays so.
    private func take() async -> ExecutionEnvironment? {
        lookForNewBuild()
        switch state.withLock({ step(&$0, hasWaited: false) }) {
        case .take(let environment): return environment
        case .refuse: return nil
        case .wait(let patience): return await wait(patience)
        }
    }

    private func step(_ state: inout State, hasWaited: Bool) -> Step {
        guard state.isOpen else { return .refuse }
        if let environment = state.takeIdle() { return .take(environment) }
        if !hasWaited, !state.finishing.isEmpty { return .wait(Self.moment) }
        if state.members.count < limit { return .take(add(&state)) }
        guard !hasWaited, function.template.concurrencyLimit == nil else { return .refuse }
        return .wait(.nanoseconds(Int64(function.settings.patienceSeconds * 1e9)))
    }

    private func add(_ state: inout State) -> ExecutionEnvironment {
        // Where its first event is: no other thread has to be woken for those that come the same way.
        let environment = ExecutionEnvironment(function, on: group.any(), guardian: guardian) {
            [weak self] notice, environment in self?.hear(notice, from: environment)
        }
        state.members[environment.id] = environment
        return environment
    }

    private func wait(_ patience: TimeAmount) async -> ExecutionEnvironment? {
        let id = state.withLock { state in
            state.nextWaiter += 1
            return state.nextWaiter
        }
        return await withCheckedContinuation { continuation in
            state.withLock { $0.waiters.append(Waiter(id: id, environment: continuation)) }
            group.next().scheduleTask(in: patience) { self.giveUp(id, after: patience) }
            serve()
        }
    }

    private func giveUp(_ id: Int, after patience: TimeAmount) {
        let (waiter, step) = state.withLock { state -> (Waiter?, Step) in
            guard let index = state.waiters.firstIndex(where: { $0.id == id }) else { return (nil, .refuse) }
            let waiter = state.waiters.remove(at: index)
            let step = self.step(&state, hasWaited: true)
            guard case .refuse = step, patience == Self.moment, state.isOpen,
                function.template.concurrencyLimit == nil
            else { return (waiter, step) }
            state.waiters.insert(waiter, at: index)
            return (nil, .wait(.nanoseconds(Int64(function.settings.patienceSeconds * 1e9))))
        }
        switch step {
        case .take(let environment): waiter?.environment.resume(returning: environment)
        case .refuse: waiter?.environment.resume(returning: nil)
        case .wait(let longer): group.next().scheduleTask(in: longer) { self.giveUp(id, after: longer) }
        }
    }

    /// Gives what is free to those who wait, first come, first served.
    private func serve() {
        while true {
            let served = state.withLock { state -> (Waiter, ExecutionEnvironment)? in
                guard !state.waiters.isEmpty, state.isOpen else { return nil }
                if let environment = state.takeIdle() {
                    return (state.waiters.removeFirst(), environment)
                }
                guard state.finishing.isEmpty, state.members.count < limit else { return nil }
                return (state.waiters.removeFirst(), add(&state))
            }
            guard let (waiter, environment) = served else { return }
            waiter.environment.resume(returning: environment)
        }
    }

    // MARK: What environments tell

    private func hear(_ notice: ExecutionEnvironment.Notice, from environment: ExecutionEnvironment) {
        switch notice {
        case .answered:
            state.withLock { state in
                if state.members[environment.id] != nil { state.finishing.insert(environment.id) }
            }
        case .ready:
            let (isWanted, waiter) = state.withLock { state -> (Bool, Waiter?) in
                state.finishing.remove(environment.id)
                guard state.members[environment.id] != nil, !state.outdated.contains(environment.id) else {
                    return (false, nil)
                }
                guard state.waiters.isEmpty else { return (true, state.waiters.removeFirst()) }
                state.idle.append(environment)
                return (true, nil)
            }
            waiter?.environment.resume(returning: environment)
            if !isWanted { retire([environment]) }
        case .unused:
            let isIdle = state.withLock { state in
                guard let index = state.idle.firstIndex(where: { $0 === environment }) else { return false }
                state.idle.remove(at: index)
                return true
            }
            if isIdle { retire([environment]) }
        case .gone:
            retire([environment])
            serve()
        }
    }

    private func remove(_ environment: ExecutionEnvironment, from state: inout State) {
        state.members[environment.id] = nil
        state.finishing.remove(environment.id)
        state.outdated.remove(environment.id)
        state.idle.removeAll { $0 === environment }
    }

    private func retire(_ environments: [ExecutionEnvironment]) {
        for environment in environments {
            let isNew = state.withLock { state in
                remove(environment, from: &state)
                return state.leaving.updateValue(environment, forKey: environment.id) == nil
            }
            guard isNew else { continue }
            Task {
                await environment.stop()
                state.withLock { $0.leaving[environment.id] = nil }
            }
        }
    }

    /// A program that was built anew replaces the environments of the old one, each when it is done.
    func lookForNewBuild(atOnce: Bool = false) {
        let now = NIODeadline.now()
        let isDue = state.withLock { state in
            guard atOnce || now - state.lastLook > .milliseconds(200) else { return false }
            state.lastLook = now
            return true
        }
        guard isDue, let build = function.build() else { return }
        let old = state.withLock { state -> [ExecutionEnvironment]? in
            guard state.build != build else { return nil }
            defer { state.build = build }
            state.outdated.formUnion(state.members.keys)
            defer { state.idle = [] }
            return state.idle
        }
        retire(old ?? [])
    }

    func status() async -> FunctionStatus {
        let (members, waiting) = state.withLock { (Array($0.members.values), $0.waiters.count) }
        var environments: [EnvironmentStatus] = []
        for member in members { environments.append(await member.status()) }
        return FunctionStatus(
            name: function.name, limit: limit, waiting: waiting,
            environments: environments.sorted { $0.id < $1.id })
    }

    /// Ends every environment and returns when their processes are gone.
    func shutdown() async {
        let (members, waiters) = state.withLock { state in
            state.isOpen = false
            defer { state.waiters = [] }
            return (Array(state.members.values) + state.leaving.values, state.waiters)
        }
        waiters.forEach { $0.environment.resume(returning: nil) }
        await withTaskGroup(of: Void.self) { group in
            for member in members { group.addTask { await member.stop() } }
        }
    }
}
