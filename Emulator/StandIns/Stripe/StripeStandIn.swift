public import Foundation
public import Logging

/// Stripe on one machine: the v1 API, the hosted payment page and signed webhooks, on Stripe's own protocol.
/// What it was told survives `kill -9`. It takes no money and must not be reachable by others.
public final class StripeStandIn: Sendable {
    public struct Webhook: Hashable, Sendable {
        public var url: String
        /// `whsec_…`, as the shop has it in STRIPE_WEBHOOK_SECRETS.
        public var secret: String

        public init(url: String, secret: String) {
            self.url = url
            self.secret = secret
        }
    }

    public struct Configuration: Sendable {
        /// Where the state is kept; made when absent.
        public var folder: URL
        /// 0: any free port.
        public var port = 8084
        public var secretKey = "sk_test_earshelf_local"
        /// Nil: events are kept and can be listed, and nobody is told of them.
        public var webhook: Webhook?
        public var apiVersion = "2026-07-29.dahlia"
        /// How long a SEPA debit stays `processing`.
        public var settlementSeconds = 5
        /// The pause after each refused delivery. After the last the event is given up, and can still be
        /// listed.
        public var retryPauses: [Duration] = Courier.usualPauses
        public var now: @Sendable () -> Date = { Date() }
        /// Awaited before each operation: a place to make the provider slow.
        public var hindrance: @Sendable () async -> Void = {}

        public init(folder: URL) { self.folder = folder }
    }

    private let configuration: Configuration
    private let logger: Logger
    private let server = LocalServer()
    let ledger: StripeLedger

    /// Throws where the state cannot be read or written.
    public init(_ configuration: Configuration, logger: Logger = Logger(label: "stripe")) throws {
        self.configuration = configuration
        self.logger = logger
        ledger = try StripeLedger(configuration)
    }

    /// `http://127.0.0.1:port`, as soon as it listens; throws what kept it from listening.
    public var address: String { get async throws { try await server.address } }

    /// For a receiver whose address is known only later.
    public func send(eventsTo webhook: Webhook?) async { await ledger.send(eventsTo: webhook) }

    /// Serves and delivers until the task is cancelled.
    public func run() async throws {
        let delivery = StripeDelivery(ledger: ledger, configuration: configuration, logger: logger)
        try await withThrowingTaskGroup { group in
            group.addTask { [self] in try await serve() }
            group.addTask { try await delivery.run() }
            group.addTask { [self] in
                while true {
                    try await Task.sleep(for: .seconds(1))
                    do { try await ledger.sweep() } catch {
                        logger.error("what is due cannot be written", metadata: ["reason": "\(error)"])
                    }
                }
            }
            defer { group.cancelAll() }
            try await group.next()
        }
    }

    private func serve() async throws {
        let api = StripeAPI(ledger: ledger, configuration: configuration)
        let checkout = PaymentPages(ledger: ledger, configuration: configuration)
        try await server.run(
            name: "stripe", port: configuration.port, bodyLimitBytes: 1 << 20, logger: logger,
            beforeFirst: { [self] in await ledger.begin(at: $0) },
            tooLarge: { StripeProblem(status: 413, "Request body too large").answer(requestID: "") },
            answer: { call in
                switch call.path.first {
                case "v1": await api.answer(call)
                case "c": await checkout.answer(call)
                default: .text(404, "Nothing is here: the API is under /v1/.\n")
                }
            })
    }
}
