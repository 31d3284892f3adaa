import Foundation
public import NIOCore
import NIOPosix
import Synchronization
public import Template

/// Runs the functions of a template, each event in an environment of its own.
public final class FunctionHost: FunctionInvoker {
    /// What a synchronous event may hold: 6 MiB.
    public static let eventLimit = 6_291_456
    /// What an asynchronous event may hold: 1 MiB.
    public static let asynchronousLimit = 1_048_576

    public let template: Template
    public let configuration: HostConfiguration
    private let guardian: Guardian
    private let pools: [String: FunctionPool]
    private let asynchronous: AsynchronousEvents

    /// Starts nothing but the guardian, which sees to it that nothing is left should the emulator be killed.
    public init(
        _ template: Template, _ configuration: HostConfiguration,
        group: (any EventLoopGroup)? = nil
    ) throws {
        let group = group ?? MultiThreadedEventLoopGroup.singleton
        self.template = template
        self.configuration = configuration
        guardian = try Guardian()
        var pools: [String: FunctionPool] = [:]
        for function in template.functions {
            let deployed = DeployedFunction(template: function, settings: configuration)
            pools[function.name] = FunctionPool(deployed, group: group, guardian: guardian)
        }
        self.pools = pools
        asynchronous = AsynchronousEvents(
            functions: template.functions, configuration: configuration,
            limits: pools.mapValues(\.limit))
    }

    /// Prepares the task folders and takes up the asynchronous events that the last run left behind.
    public func start() async throws {
        for pool in pools.values { try pool.prepare() }
        try await asynchronous.start { [weak self] function, event in
            await self?.invoke(function, event) ?? .throttled
        }
    }

    public func invoke(
        _ function: String, payload: [UInt8], traceID: String? = nil
    ) async -> InvocationOutcome {
        await invoke(
            function,
            InvocationEvent(payload: payload, traceID: traceID, isSampled: configuration.samplesTraces))
    }

    public func invoke(_ function: String, _ event: InvocationEvent) async -> InvocationOutcome {
        guard let pool = pools[function] else { return .noSuchFunction }
        guard event.payload.count <= Self.eventLimit else { return .tooLarge }
        return await pool.invoke(event)
    }

    /// Keeps the event in a file and returns; it is retried, and ends at its function's dead-letter target.
    public func enqueue(_ function: String, _ event: InvocationEvent) async throws {
        try await asynchronous.accept(event, for: function)
    }

    /// Programs that were built anew take the next events. Without this each is found by the next event that
    /// comes 200 ms after the last look.
    public func lookForNewPrograms() {
        for pool in pools.values { pool.lookForNewBuild(atOnce: true) }
    }

    public func status() async -> [FunctionStatus] {
        var statuses: [FunctionStatus] = []
        for (_, pool) in pools.sorted(by: { $0.key < $1.key }) { statuses.append(await pool.status()) }
        return statuses
    }

    /// Lets asynchronous events that are under way end, for so long; what is not done is done at the next
    /// start. Then ends every process and returns when nothing is left.
    public func shutdown(grace: Duration = .seconds(5)) async {
        await asynchronous.stop(grace: grace)
        await withTaskGroup(of: Void.self) { group in
            for pool in pools.values { group.addTask { await pool.shutdown() } }
        }
        guardian.end()
    }
}
