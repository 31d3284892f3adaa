import Bus
import Cryptography
import Foundation
import Groundwork
import Logging
import Platform
import Queue
import StandIns
import Storage
import Synchronization
import Template

/// The whole platform, put together: what starts after what, and what is told of what.
actor Emulator {
    let options: Options
    let terminal = Terminal()
    let ensemble = Ensemble()
    private var state: StateFolder?
    private var database: LocalDatabase?
    private var host: FunctionHost?
    /// Nil where nobody wants to watch.
    var console: Console?
    private var readyFile: String?
    private var hasBegun = false

    init(_ options: Options) {
        self.options = options
    }

    /// Until it is cancelled, or a part fails.
    func run() async throws {
        try await start()
        for await failure in ensemble.failures { throw failure }
    }

    /// In the reverse order of the start: first nobody is let in any more, last the database ends.
    func stop() async {
        if let readyFile { unlink(readyFile) }
        await ensemble.stop()
        await database?.stop()
        if hasBegun { terminal.say("Stopped.") }
    }

    private func start() async throws {
        let settings = try Settings(
            environment: ProcessInfo.processInfo.environment,
            file: (try? String(contentsOf: options.settings, encoding: .utf8)) ?? "")
        if options.storageURL != nil, settings["S3_ENDPOINT"] != nil {
            throw Refusal(
                "--storage-url is for this machine's storage, S3_ENDPOINT names another: choose one.")
        }
        let yaml = try text(of: options.template, "template", option: "--template")
        let limits = try callerLimits()
        let state = try StateFolder(options.state)
        self.state = state
        let addresses = try Addresses(base: options.port, parts: Self.parts(settings, options))
        var plan = try Plan(options, settings: settings, addresses: addresses, state: state, yaml: yaml)
        // Read before anything starts, so that a mistake in it costs nobody a wait.
        let early = try plan.template(databaseURL: "postgresql:///")
        try requirePrograms(of: early)
        _ = try BusRule.all(of: early)
        let programs = try stagePrograms(of: early, in: state)
        if let programs { plan.options.products = programs.folder }
        hasBegun = true
        terminal.say("Earshelf starts in \(state.url.path)")
        let template = try plan.template(databaseURL: await startDatabase(settings, state))
        let console = try await startConsole(plan)
        let queues = try await startQueues(plan, template)
        let bus = try await startBus(plan, template)
        let gate = Gate()
        try await startStorage(plan, template, queues, gate)
        try await startStandIns(plan)
        // After all that functions call, so that they are stopped before it.
        let host = try startHost(plan, template, queues)
        try await startInvokeAPI(plan, host)
        try await host.start()
        try await migrate(host, template, plan)
        gate.open()
        try await startGateway(plan, template, host, limits)
        try startTriggers(plan, template, host, queues)
        console?.learn { parts in
            (parts.host, parts.queues, parts.bus) = (host, queues, bus)
            parts.queueNames = template.queues.map(\.name).sorted()
        }
        await startDeliveries(of: bus, to: queues)
        try startRebuilding(plan, template, host, programs)
        try announce(plan)
        try startSeeds(plan)
    }

    private static func parts(_ settings: Settings, _ options: Options) -> [Part] {
        var parts: [Part] = [.gateway, .invoke, .queue, .bus]
        if options.console != nil { parts.append(.console) }
        if settings["S3_ENDPOINT"] == nil { parts.append(.storage) }
        if settings["STRIPE_SECRET_KEY"] == nil { parts.append(.stripe) }
        if settings["OIDC_ISSUER"] == nil { parts.append(.identity) }
        if settings["OPENAI_API_KEY"] == nil { parts.append(.openAI) }
        return parts
    }

    private func text(of file: URL, _ what: String, option: String) throws(Refusal) -> String {
        do {
            return try String(contentsOf: file, encoding: .utf8)
        } catch {
            throw Refusal("The \(what) \(file.path) cannot be read: choose it with \(option).")
        }
    }

    private func callerLimits() throws -> [CallerLimit] {
        guard let edge = options.edge else { return [] }
        return try EdgeReader.limits(in: text(of: edge, "edge's template", option: "--edge"))
    }

    private func requirePrograms(of template: Template) throws(Refusal) {
        for function in template.functions {
            let path = options.program(of: function).path
            guard access(path, X_OK) == 0 else {
                throw Refusal("\(path) is not there: build the functions first, or choose --products.")
            }
        }
    }

    private func startDatabase(_ settings: Settings, _ state: StateFolder) async throws -> String {
        if let url = settings["DATABASE_URL"] { return url }
        let folder = state.url.appendingPathComponent("postgres", isDirectory: true)
        let database = try LocalDatabase(folder: folder, logger: Logger(label: "database"))
        self.database = database
        let url = try await database.start()
        terminal.step("database", url)
        return url
    }

    /// Takes an event for a function that need not answer.
    func enqueue(_ function: String, _ payload: [UInt8], trace: String? = nil) async throws {
        guard let host else { throw Refusal("\(function) is not up yet.") }
        try await host.enqueue(
            function, InvocationEvent(payload: payload, traceID: trace, isSampled: console != nil))
    }

    /// The parts, and whether each is up.
    func health() async -> [String: Bool] {
        var health = ensemble.health
        health["database"] = await database?.isUp
        return health
    }

    private func startHost(_ plan: Plan, _ template: Template, _ queues: QueueStore) throws -> FunctionHost {
        var configuration = plan.host { try await Self.deliver($0, to: queues) }
        if let console { configuration.report(to: console.records) }
        let host = try FunctionHost(template, configuration)
        self.host = host
        ensemble.add("functions", stopLimit: .seconds(10)) { await host.shutdown(grace: .seconds(2)) }
        return host
    }

    /// Dead letters and reports on events. Queues alone take them here.
    private static func deliver(_ letter: AsynchronousLetter, to queues: QueueStore) async throws {
        let parts = letter.target.split(separator: ":")
        guard parts.count == 6, parts[2] == "sqs" else {
            throw Refusal("\(letter.target) takes no letters here: only queues do.")
        }
        let draft = QueueStore.Draft(
            body: String(decoding: letter.body, as: UTF8.self),
            attributes: letter.attributes.mapValues { MessageAttribute(type: "String", value: .text($0)) })
        _ = try await queues.send(String(parts[5]), draft)
    }

    /// Migrations first, then who may do what in the demo shop; both may be repeated.
    func migrate(_ host: FunctionHost, _ template: Template, _ plan: Plan) async throws {
        guard let function = plan.function("migrate", of: template)?.name else { return }
        try await call(host, function, "{}")
        if plan.addresses.port(.identity) != 0 {
            let grants = IdentityStandIn.Person.demo.flatMap { person in
                person.grants.map { #"{"subject":"\#(person.subject)","role":"\#($0)"}"# }
            }
            try await call(host, function, #"{"grants":[\#(grants.joined(separator: ","))]}"#)
        }
        terminal.step("schema", "migrated")
    }

    private func announce(_ plan: Plan) throws {
        let welcome = Welcome(plan)
        if let path = options.readyFile {
            try Data(welcome.json.utf8).write(to: URL(fileURLWithPath: path), options: .atomic)
            readyFile = path
        }
        terminal.say("\nEarshelf is up, after \(terminal.elapsed).\n")
        for line in welcome.lines { terminal.say(line) }
        if let warning = welcome.warning { terminal.say("\n\(warning)") }
        terminal.say("\nCtrl-C stops it.\n")
    }

    private func call(_ host: FunctionHost, _ function: String, _ payload: String) async throws {
        var outcome = await host.invoke(function, payload: Array(payload.utf8), traceID: nil)
        // The only environment that it may have answered the last call, and still sends its spans.
        let patience = ContinuousClock.now + .seconds(10)
        while outcome == .throttled, .now < patience {
            try await Task.sleep(for: .milliseconds(20))
            outcome = await host.invoke(function, payload: Array(payload.utf8), traceID: nil)
        }
        switch outcome {
        case .response: return
        case .functionError(let type, let payload, let log):
            let text = String(decoding: payload, as: UTF8.self)
            throw Refusal(
                (["\(function) failed (\(type)): \(text)"] + log.suffix(20)).joined(separator: "\n  "))
        case .throttled, .noSuchFunction, .tooLarge:
            throw Refusal("\(function) could not be called.")
        }
    }
}

/// Closed at first; what comes before it opens waits.
final class Gate: Sendable {
    /// nil once it is open.
    private let waiting = Mutex<[CheckedContinuation<Void, Never>]?>([])

    func open() {
        let waiting = waiting.withLock { waiting in
            defer { waiting = nil }
            return waiting
        }
        waiting?.forEach { $0.resume() }
    }

    func pass() async {
        await withCheckedContinuation { continuation in
            let isOpen = waiting.withLock { waiting in
                waiting?.append(continuation)
                return waiting == nil
            }
            if isOpen { continuation.resume() }
        }
    }
}
