import Foundation
import Groundwork
import Hummingbird
import Logging
import Platform
import Queue
import StandIns
import Storage
import Template

/// How each part is started, and what it is told of the others.
extension Emulator {
    func startQueues(_ plan: Plan, _ template: Template) async throws -> QueueStore {
        let store = try QueueStore(folder: plan.folder("queue").path)
        for queue in template.queues {
            try await store.declare(queue.name, QueueSettings(queue))
            // What a killed emulator had in hand need not wait for its timeout.
            try await store.release(queue.name)
        }
        let server = QueueServer(
            store: store, credentials: plan.accessKeys, region: plan.place.region,
            account: plan.place.account,
            logger: logger("queue"))
        try await listen("queue", .queue, plan) { port, ready in
            try await server.run(port: port, onRunning: ready)
        }
        return store
    }

    func startInvokeAPI(_ plan: Plan, _ host: FunctionHost) async throws {
        let api = InvokeAPI(host)
        var remarks = logger("lambda")
        remarks.logLevel = max(.warning, remarks.logLevel)
        let logger = remarks
        try await listen("lambda", .invoke, plan) { port, ready in
            let application = Application(
                router: api.router(), configuration: .init(address: .hostname(Addresses.host, port: port)),
                onServerRunning: { _ in await ready(port) }, logger: logger)
            try await application.run()
        }
    }

    func startStorage(
        _ plan: Plan, _ template: Template, _ queues: QueueStore, _ gate: Gate
    ) async throws {
        guard plan.addresses.port(.storage) != 0 else { return }
        let source = StorageEventSource(template, place: plan.place) { function, payload in
            try await self.enqueue(function, payload)
        } enqueue: { arn, body in
            let name = String(arn.split(separator: ":").last ?? "")
            _ = try await queues.send(name, QueueStore.Draft(body: body))
        }
        let server = try S3Server(
            folder: plan.folder("storage").path, credentials: plan.accessKeys, region: plan.place.region,
            buckets: template.buckets.map { BucketDescription($0, of: template) }, logger: logger("storage")
        ) { notification in
            // Changes of the last run may be told before this one is up.
            await gate.pass()
            try await source.notify(StorageChange(notification))
        }
        console?.learn { $0.storage = server }
        try await listen("storage", .storage, plan) { port, ready in
            try await server.run(port: port, onRunning: ready)
        }
    }

    func startStandIns(_ plan: Plan) async throws {
        if plan.addresses.port(.stripe) != 0 {
            var configuration = StripeStandIn.Configuration(folder: plan.folder("stripe"))
            configuration.port = plan.addresses.port(.stripe)
            configuration.secretKey = TemplateParameters.stripeKey
            configuration.webhook = .init(
                url: plan.addresses.origin(.gateway) + "/api/v1/webhooks/stripe", secret: plan.webhookSecret)
            let stripe = try StripeStandIn(configuration, logger: logger("stripe"))
            terminal.step(
                "Stripe", try await ensemble.start("stripe", until: { try await stripe.address }, stripe.run))
        }
        if plan.addresses.port(.identity) != 0 {
            var configuration = IdentityStandIn.Configuration(folder: plan.folder("identity"))
            configuration.port = plan.addresses.port(.identity)
            configuration.origins = TemplateParameters.origins(plan.addresses, plan.settings)
            configuration.tokenSeconds = 60 * 60
            configuration.webhook = .init(
                url: plan.addresses.origin(.gateway) + "/api/v1/webhooks/identity",
                secret: plan.identityWebhookSecret)
            let identity = try IdentityStandIn(configuration, logger: logger("identity"))
            let address = try await ensemble.start(
                "identity", until: { try await identity.address }, identity.run)
            terminal.step("identity", address)
        }
        if plan.addresses.port(.openAI) != 0 {
            var configuration = OpenAIStandIn.Configuration()
            configuration.port = plan.addresses.port(.openAI)
            configuration.apiKey = TemplateParameters.openAIKey
            let openAI = try OpenAIStandIn(configuration, logger: logger("openai"))
            terminal.step(
                "OpenAI", try await ensemble.start("openai", until: { try await openAI.address }, openAI.run))
        }
    }

    func startGateway(
        _ plan: Plan, _ template: Template, _ host: FunctionHost, _ limits: [CallerLimit]
    ) async throws {
        guard let api = template.apis.first else { return }
        let page = Welcome(plan).page
        var collect: (@Sendable (GatewaySpan) -> Void)?
        if let records = console?.records { collect = { span in records.take([ConsoleSpan(span)]) } }
        let server = GatewayServer(
            template, api: api, callerLimits: limits, invoker: host,
            settings: .init(
                port: plan.addresses.port(.gateway), account: plan.place.account,
                proxies: plan.options.proxies, storefront: plan.options.storefront,
                pages: Documentation(plan).pages,
                folders: [Documentation.path: plan.options.swaggerUI], collect: collect,
                welcome: { page }, health: { await self.health() }),
            logger: logger("gateway"))
        try await listen("gateway", .gateway, plan) { _, ready in try await server.run(listening: ready) }
    }

    func startTriggers(
        _ plan: Plan, _ template: Template, _ host: FunctionHost, _ queues: QueueStore
    ) throws {
        let log = logger("scheduler")
        let scheduler = try Scheduler(template.functions, place: plan.place, logger: log) {
            function, payload in
            do {
                try await self.enqueue(function, payload)
            } catch {
                let metadata: Logger.Metadata = ["function": "\(function)", "reason": "\(error)"]
                log.error("a schedule's event is lost", metadata: metadata)
            }
        }
        let sources = template.functions.flatMap { function in
            function.queueTriggers.map { trigger in
                let queue = template.queues.first { $0.name == trigger.queueName }
                return QueueEventSource(
                    trigger, function: function.name, region: plan.place.region,
                    visibilitySeconds: queue?.visibilityTimeoutSeconds ?? 30,
                    queue: StoreQueue(store: queues, name: trigger.queueName), invoker: host,
                    logger: logger("queue"))
            }
        }
        // Hardly waited for at the end: what functions have in hand ends with them, a moment later.
        ensemble.start("triggers", stopLimit: .milliseconds(100)) {
            await withDiscardingTaskGroup { group in
                for source in sources { group.addTask { await source.run() } }
                group.addTask { await scheduler.run(clock: ContinuousClock(), ratesAtStart: true) }
                // Without schedules and queues it has nothing to do, and yet runs until it is stopped.
                group.addTask { try? await Task.sleep(for: .seconds(Int32.max)) }
            }
        }
    }

    /// Starts a server and waits until its port is open.
    func listen(
        _ name: String, _ part: Part, _ plan: Plan,
        run:
            @escaping @Sendable (_ port: Int, _ ready: @escaping @Sendable (Int) async -> Void) async throws
            -> Void
    ) async throws {
        let (opened, open) = AsyncThrowingStream<Void, any Error>.makeStream()
        let port = plan.addresses.port(part)
        ensemble.start(name) {
            do {
                try await run(port) { _ in open.yield() }
                open.finish()
            } catch {
                open.finish(throwing: error)
                throw error
            }
        }
        for try await _ in opened {
            terminal.step(part.name, plan.addresses.origin(part))
            return
        }
        throw Refusal("\(name) ended before it was up.")
    }

    /// The gateway logs every request; of the other servers only what is wrong is worth a line.
    func logger(_ name: String) -> Logger {
        var logger = Logger(label: name)
        let isTalkative = ["gateway", "scheduler", "lambda", "bus"].contains(name)
        logger.logLevel = isTalkative ? options.logLevel : max(.warning, options.logLevel)
        return logger
    }
}
