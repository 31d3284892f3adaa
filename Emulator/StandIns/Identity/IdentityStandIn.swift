import Cryptography
public import Foundation
public import Logging

/// An identity provider on one machine: OpenID Connect with PKCE, session tokens in Clerk's shape, a sign-in
/// page that asks for no password, and signing keys that can be rotated. It proves nothing of who somebody
/// is.
public final class IdentityStandIn: Sendable {
    /// Somebody who can be signed in by a click.
    public struct Person: Hashable, Sendable {
        /// What a script names it by.
        public var username: String
        /// `sub`, the same on every machine and after every start.
        public var subject: String
        public var name: String
        public var email: String
        /// Shown on the sign-in page: "edits the catalogue".
        public var role: String
        /// What they may do in the demo shop, in the shop's own words.
        public var grants: [String]

        public init(
            username: String, subject: String, name: String, email: String, role: String,
            grants: [String] = []
        ) {
            self.username = username
            self.subject = subject
            self.name = name
            self.email = email
            self.role = role
            self.grants = grants
        }

        public static let demo = [
            Person(
                username: "editor", subject: "user_editor", name: "Edith Editor",
                email: "editor@earshelf.example", role: "edits the catalogue", grants: ["editor"]),
            Person(
                username: "admin", subject: "user_admin", name: "Agnes Admin",
                email: "admin@earshelf.example",
                role: "runs the shop", grants: ["admin"]),
            Person(
                username: "support", subject: "user_support", name: "Sam Support",
                email: "support@earshelf.example", role: "helps customers", grants: ["support"]),
            Person(
                username: "finance", subject: "user_finance", name: "Fiona Finance",
                email: "finance@earshelf.example", role: "gives money back", grants: ["finance"]),
            Person(
                username: "ada", subject: "user_ada", name: "Ada Lovelace", email: "ada@earshelf.example",
                role: "a customer"),
            Person(
                username: "ben", subject: "user_ben", name: "Ben Franklin", email: "ben@earshelf.example",
                role: "another customer"),
        ]
    }

    public struct Webhook: Hashable, Sendable {
        public var url: String
        /// `whsec_…`, as the shop has it in IDENTITY_WEBHOOK_SECRETS.
        public var secret: String

        public init(url: String, secret: String) {
            self.url = url
            self.secret = secret
        }
    }

    /// The one client it knows.
    public static let clientID = "earshelf"

    public struct Configuration: Sendable {
        /// Where keys, people and sessions are kept; made when absent.
        public var folder: URL
        /// 0: any free port.
        public var port = 8085
        /// `iss`; nil: the address it listens on.
        public var issuer: String?
        public var clientID = IdentityStandIn.clientID
        /// Where the shop's pages are: what `azp` may be, where a redirect may lead, who may call from a
        /// browser.
        public var origins = ["http://127.0.0.1:8080", "http://localhost:8080"]
        /// `aud` of session tokens; Clerk's have none.
        public var audience: String?
        public var people = Person.demo
        /// Nil: nobody is told of accounts.
        public var webhook: Webhook?
        /// The pause after each refused delivery. After the last the event is given up.
        public var retryPauses: [Duration] = Courier.usualPauses
        /// Clerk's tokens live a minute; a machine of one's own may take an hour.
        public var tokenSeconds = 60
        /// How long a new key is published before it signs: longer than anyone keeps the old list.
        public var announcementSeconds = 300
        public var now: @Sendable () -> Date = { Date() }

        public init(folder: URL) { self.folder = folder }
    }

    private let configuration: Configuration
    private let logger: Logger
    private let server = LocalServer()
    let ledger: IdentityLedger

    /// Throws where the state cannot be read or written.
    public init(_ configuration: Configuration, logger: Logger = Logger(label: "identity")) throws {
        self.configuration = configuration
        self.logger = logger
        ledger = try IdentityLedger(configuration)
    }

    /// `http://127.0.0.1:port`, as soon as it listens; throws what kept it from listening.
    public var address: String { get async throws { try await server.address } }

    /// Serves and delivers until the task is cancelled.
    public func run() async throws {
        let delivery = IdentityDelivery(ledger: ledger, configuration: configuration, logger: logger)
        try await withThrowingTaskGroup { group in
            group.addTask { [self] in try await serve() }
            group.addTask { try await delivery.run() }
            defer { group.cancelAll() }
            try await group.next()
        }
    }

    private func serve() async throws {
        let provider = IdentityProvider(ledger: ledger, configuration: configuration)
        try await server.run(
            name: "identity", port: configuration.port, bodyLimitBytes: 1 << 16, logger: logger,
            beforeFirst: { [self] in await ledger.begin(at: $0) },
            tooLarge: { IdentityProblem("invalid_request", "The request is too large.").answer(413) },
            answer: { await provider.answer($0) })
    }
}

/// An error of RFC 6749, section 5.2.
struct IdentityProblem: Error, Equatable {
    var error: String
    var description: String

    init(_ error: String, _ description: String) {
        self.error = error
        self.description = description
    }

    func answer(_ status: Int = 400) -> Answer {
        .json(status, ["error": .string(error), "error_description": .string(description)])
            .adding("cache-control", "no-store")
    }
}
