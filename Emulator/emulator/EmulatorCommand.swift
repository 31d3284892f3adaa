import ArgumentParser
import Foundation
import Groundwork
import HTTP
import Logging
import NIOCore
import NIOPosix
import Platform

/// The local platform's command line.
@main
struct EmulatorCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "emulator",
        abstract: "Runs Earshelf's functions as the platform would, on this machine.",
        subcommands: [RunCommand.self, StatusCommand.self])
}

struct RunCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "run", abstract: "Starts the whole shop; Ctrl-C stops it.")

    @Option(help: "The SAM template: what is deployed.")
    var template = "template.yaml"

    @Option(help: "The template of what stands before the API and counts callers; 'none' counts nobody.")
    var edge = "edge.yaml"

    @Option(help: "The folder with an executable for each function.")
    var products = ".build/debug"

    @Option(help: "Where everything is kept that outlasts a run.")
    var state = ".earshelf"

    @Option(help: "The first of nine ports; 0 takes any that are free.")
    var port = 8080

    @Option(
        help: """
            Addresses of proxies before the gateway, separated by commas: what they say of who asks is \
            believed, by X-Forwarded-For and X-Forwarded-Proto.
            """)
    var behindProxy = ""

    @Option(
        help: "Where browsers reach this machine's storage through a proxy: https://media.example.com.")
    var storageURL: String?

    @Option(help: "A file of settings, NAME=value; the environment wins over it.")
    var settings = ".env"

    @Option(help: "A folder of static files for what no route takes.")
    var storefront = "Storefront"

    @Option(help: "A folder with the files of Swagger UI, which shows the API's description.")
    var swaggerUI = ".build/swagger-ui"

    @Option(help: "The folder of the console's page; 'none' collects no traces and shows nothing.")
    var console = "Emulator/Console"

    @Option(
        help: "A file that is written when all is up, with every address as JSON, and removed at the end.")
    var readyFile: String?

    @Option(
        parsing: .upToNextOption,
        help: "A program, and its arguments, that puts something into the shop once all is up.")
    var seed: [String] = []

    @Option(
        parsing: .upToNextOption,
        help: "Folders whose files, whenever they are saved, are built by --rebuild and live at once.")
    var watch: [String] = []

    @Option(
        parsing: .upToNextOption,
        help: "The program, and its arguments, that builds; what was saved is added to them.")
    var rebuild: [String] = []

    @Option(help: "After how many seconds with nothing to do an environment is ended.")
    var idleSeconds = 300

    @Flag(help: "Freeze each environment as soon as it has answered, not after 100 ms.")
    var freezeImmediately = false

    @Option(
        help: "trace, debug, info, notice, warning or error.",
        transform: { text in
            guard let level = Logger.Level(rawValue: text) else {
                throw ValidationError("no level '\(text)'")
            }
            return level
        })
    var logLevel = Logger.Level.info

    func validate() throws {
        guard (1...86_400).contains(idleSeconds) else {
            throw ValidationError("--idle-seconds \(idleSeconds): choose a number from 1 to 86400.")
        }
        guard proxies != nil else {
            throw ValidationError("--behind-proxy \(behindProxy): give addresses, 127.0.0.1,::1.")
        }
        guard storageURL.map(Self.isOrigin) ?? true else {
            throw ValidationError("--storage-url \(storageURL ?? ""): give https:// and the host alone.")
        }
        guard watch.isEmpty == rebuild.isEmpty else {
            throw ValidationError("--watch and --rebuild are given together, or not at all.")
        }
    }

    func run() async throws {
        // Tasks run where sockets are read and written: an event changes threads less often on its way.
        NIOSingletons.unsafeTryInstallSingletonPosixEventLoopGroupAsConcurrencyGlobalExecutor()
        let level = logLevel
        LoggingSystem.bootstrap { label in TerminalLog(logLevel: level, label: label) }
        let stops = Signals.stops()
        let emulator = Emulator(options)
        let running = Task { try await emulator.run() }
        let watching = Task {
            var first: ContinuousClock.Instant?
            for await _ in stops {
                running.cancel()
                // Some send a signal to the process and to its group: that is one wish, not two.
                if let first, .now - first > .seconds(1) { _exit(130) }
                first = first ?? .now
            }
        }
        let outcome = await running.result
        await emulator.stop()
        watching.cancel()
        if case .failure(let error) = outcome, !(error is CancellationError) {
            Terminal.complain("\(error)")
            throw ExitCode.failure
        }
    }
}

extension RunCommand {
    private var proxies: TrustedProxies? {
        TrustedProxies(behindProxy.split(separator: ",").map(String.init))
    }

    /// A signed link is this and a path: the storage has all of its host.
    private static func isOrigin(_ text: String) -> Bool {
        guard let parts = URLComponents(string: text), let scheme = parts.scheme, let host = parts.host else {
            return false
        }
        let port = parts.port.map { ":\($0)" } ?? ""
        return ["http", "https"].contains(scheme) && text == "\(scheme)://\(host)\(port)"
    }

    private var options: Options {
        Options(
            template: URL(fileURLWithPath: template), edge: edge == "none" ? nil : URL(fileURLWithPath: edge),
            products: URL(fileURLWithPath: products, isDirectory: true),
            state: state, port: port, proxies: proxies ?? .none, storageURL: storageURL,
            settings: URL(fileURLWithPath: settings), storefront: storefront,
            swaggerUI: swaggerUI,
            console: console == "none" ? nil : URL(fileURLWithPath: console, isDirectory: true),
            readyFile: readyFile, seed: seed, watch: watch, rebuild: rebuild,
            idleSeconds: idleSeconds,
            freezesImmediately: freezeImmediately,
            logLevel: logLevel)
    }
}

struct StatusCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "status", abstract: "Says whether the shop is up: exit code 0 when all of it is.")

    @Option(help: "The gateway's port.")
    var port = 8080

    @Option(help: "How many seconds to wait for it.")
    var wait = 0

    func run() async throws {
        let end = ContinuousClock.now + .seconds(wait)
        while true {
            let (isUp, text) = await health()
            if isUp || .now >= end {
                print(text)
                if !isUp { throw ExitCode.failure }
                return
            }
            try await Task.sleep(for: .milliseconds(100))
        }
    }

    private func health() async -> (isUp: Bool, text: String) {
        let address = "http://\(Addresses.host):\(port)/_earshelf/health"
        do {
            let request = Request("GET", address, timeoutMilliseconds: 5_000, repeatable: false)
            let response = try await Outbound.send(request)
            return (response.status == 200, String(decoding: response.body, as: UTF8.self))
        } catch {
            return (false, "Nothing answers at \(address).")
        }
    }
}
