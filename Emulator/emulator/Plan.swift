import Cryptography
import Foundation
import Groundwork
import Logging
import Platform
import Template

/// What is known before anything starts: settings, ports, folders, the keys of this machine.
struct Plan: Sendable {
    var options: Options
    let settings: Settings
    let addresses: Addresses
    let state: StateFolder
    let yaml: String
    let place: Place
    let webhookSecret: String
    let identityWebhookSecret: String
    /// Of which the codes of gifts are made.
    private let giftCodeSecret: String
    /// Signs what functions send to the storage and the queues of this machine.
    private let accessSecret: String

    static let accessKeyID = "AKIAEARSHELFLOCAL0001"

    init(
        _ options: Options, settings: Settings, addresses: Addresses, state: StateFolder, yaml: String
    ) throws(Refusal) {
        self.options = options
        self.settings = settings
        self.addresses = addresses
        self.state = state
        self.yaml = yaml
        let region = settings["S3_ENDPOINT"] == nil ? nil : settings["AWS_REGION"]
        place = Place(
            region: region ?? "eu-central-1", gatewayOrigin: addresses.origin(.gateway),
            storageOrigin: addresses.origin(.storage),
            queueOrigin: addresses.origin(.queue))
        accessSecret = try state.secret("access-key") { Base64URL.encoded(randomBytes(30)) }
        giftCodeSecret = try state.secret("gift-code-secret") { Base64URL.encoded(randomBytes(32)) }
        webhookSecret = try state.secret("webhook-secret") { "whsec_" + Base64URL.encoded(randomBytes(24)) }
        identityWebhookSecret = try state.secret("identity-webhook-secret") {
            "whsec_" + Base64.encoded(randomBytes(24))
        }
    }

    func template(databaseURL: String) throws -> Template {
        let parameters = TemplateParameters(
            settings, addresses: addresses, storageURL: options.storageURL, databaseURL: databaseURL,
            webhookSecret: webhookSecret,
            identityWebhookSecret: identityWebhookSecret, giftCodeSecret: giftCodeSecret)
        return try Template.read(yaml, parameters: parameters.values(for: yaml), in: place)
    }

    /// The key of this machine, and the user's own where functions sign with it for a storage of the user's.
    var accessKeys: [AccessKey] {
        let own = AccessKey(id: Self.accessKeyID, secret: accessSecret)
        guard settings["S3_ENDPOINT"] != nil, let id = settings["AWS_ACCESS_KEY_ID"],
            let secret = settings["AWS_SECRET_ACCESS_KEY"]
        else { return [own] }
        return [own, AccessKey(id: id, secret: secret, sessionToken: settings["AWS_SESSION_TOKEN"])]
    }

    /// As the platform tells a function who it is.
    var credentials: [String: String] {
        guard settings["S3_ENDPOINT"] != nil else {
            return ["AWS_ACCESS_KEY_ID": Self.accessKeyID, "AWS_SECRET_ACCESS_KEY": accessSecret]
        }
        let names = ["AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN"]
        return Dictionary(
            uniqueKeysWithValues: names.compactMap { name in settings[name].map { (name, $0) } })
    }

    /// How the functions are run. `deliver` takes what asynchronous events leave behind.
    func host(
        deliver: @escaping @Sendable (AsynchronousLetter) async throws -> Void
    ) -> HostConfiguration {
        // As the SDKs of AWS are told of another EventBridge than the region's.
        var variables = credentials.merging(["AWS_ENDPOINT_URL_EVENTBRIDGE": addresses.origin(.bus)]) { $1 }
        // Of whoever signs certificates for this machine and is not among the system's own.
        for name in ["SSL_CERT_DIR", "SSL_CERT_FILE"] { variables[name] = settings[name] }
        let chosen = variables
        let options = options
        let folder = options.template.deletingLastPathComponent()
        let storefront = URL(fileURLWithPath: options.storefront, isDirectory: true).absoluteURL
        var configuration = HostConfiguration(
            place: place, stateFolder: self.folder("lambda"), codeFolder: folder,
            executable: { options.program(of: $0) },
            taskLinks: [
                "Migrations": folder.appendingPathComponent("Migrations"),
                "openapi.json": options.products.appendingPathComponent("openapi.json"),
                "templates": storefront.appending(path: "templates"),
                "messages": storefront.appending(path: "messages"),
            ],
            variables: { _ in chosen })
        configuration.idleSeconds = Double(options.idleSeconds)
        configuration.freezesImmediately = options.freezesImmediately
        configuration.deliver = deliver
        configuration.log = { line in
            var logger = Logger(label: line.function)
            logger.logLevel = options.logLevel
            // START, END and REPORT of every event are for those who ask for more.
            logger.log(level: line.isFromPlatform ? .debug : .info, "\(line.text)")
        }
        return configuration
    }

    func folder(_ name: String) -> URL {
        state.url.appendingPathComponent(name, isDirectory: true)
    }

    /// The function whose program has this name.
    func function(_ program: String, of template: Template) -> Function? {
        template.functions.first { options.program(of: $0).lastPathComponent == program }
    }
}

/// What the command line said, with every path made absolute.
struct Options: Sendable {
    var template: URL
    /// nil: nobody is counted.
    var edge: URL?
    var products: URL
    var state: String
    var port: Int
    var proxies = TrustedProxies.none
    /// Where browsers reach the storage; nil: at its own port.
    var storageURL: String?
    var settings: URL
    var storefront: String
    var swaggerUI: String
    /// nil: nobody watches, and nothing is traced.
    var console: URL?
    var readyFile: String?
    var seed: [String] = []
    /// Folders in which whatever is saved is built at once; none where nothing is.
    var watch: [String] = []
    /// What builds it: a program and its arguments.
    var rebuild: [String] = []
    var idleSeconds: Int
    var freezesImmediately: Bool
    var logLevel: Logger.Level

    /// A function's program has the name of its folder, which is also the last part of its `CodeUri`.
    func program(of function: Function) -> URL {
        let code = function.codeURI.map { URL(fileURLWithPath: $0).deletingPathExtension().lastPathComponent }
        return products.appendingPathComponent(code ?? function.name)
    }
}
