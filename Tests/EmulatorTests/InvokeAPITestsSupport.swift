import Foundation
import Groundwork
import HTTP
import Hummingbird
import Logging
import Platform
import Template

/// The invoke API of a host, at an address of its own.
struct ServedHost {
    let test: TestHost
    let origin: String

    static func with(
        _ scripts: [String: String], place: (inout Function) -> Void = { _ in },
        configure: (inout HostConfiguration) -> Void = { _ in }, _ body: (ServedHost) async throws -> Void
    ) async throws {
        let test = try await TestHost(scripts, place: place, configure: configure)
        let (ports, port) = AsyncStream.makeStream(of: Int.self)
        var logger = Logger(label: "test")
        logger.logLevel = .error
        let application = Application(
            router: InvokeAPI(test.host).router(),
            configuration: ApplicationConfiguration(address: .hostname("127.0.0.1", port: 0)),
            onServerRunning: { port.yield($0.localAddress?.port ?? 0) }, logger: logger)
        let server = Task { try await application.run() }
        var address: Int?
        for await number in ports {
            address = number
            break
        }
        try await body(ServedHost(test: test, origin: "http://127.0.0.1:\(address ?? 0)"))
        server.cancel()
        _ = try? await server.value
        await test.end()
    }

    func call(
        _ path: String, method: String = "POST", _ body: [UInt8] = [], _ headers: [String: String] = [:]
    ) async throws -> (status: Int, headers: [String: String], body: String) {
        let request = HTTP.Request(
            method, "\(origin)/2015-03-31/functions\(path)", headers: headers.map(Header.init), body: body,
            timeoutMilliseconds: 60_000, repeatable: false)
        let response = try await Outbound.send(request, largestBody: 16 << 20)
        return (response.status, response.headers, String(decoding: response.body, as: UTF8.self))
    }
}
