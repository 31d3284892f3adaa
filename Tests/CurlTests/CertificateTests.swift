import Curl
import Foundation
import Glibc
import HTTP
import Testing

/// Against `openssl s_server`, with roots made for the test.
@Suite struct CertificateTests {
    @Test func `a server is believed only under a known root and its own name`() throws {
        try withServer { folder, port in
            let known = Client(certificates: folder + "/roots")
            let response = try known.send(get("https://localhost:\(port)/"))
            #expect(response.status == 200)
            var failure = #expect(throws: Failure.self) { try known.send(get("https://127.0.0.1:\(port)/")) }
            #expect(failure?.kind == .tls)
            let unknown = Client(certificates: folder + "/empty")
            failure = #expect(throws: Failure.self) { try unknown.send(get("https://localhost:\(port)/")) }
            #expect(failure?.kind == .tls)
        }
    }

    private func get(_ url: String) -> Request { Request("GET", url, repeatable: true) }

    private func withServer(_ body: (_ folder: String, _ port: Int) throws -> Void) throws {
        let folder = FileManager.default.temporaryDirectory.path + "/tls-" + UUID().uuidString
        defer { try? FileManager.default.removeItem(atPath: folder) }
        for name in ["roots", "empty"] {
            try FileManager.default.createDirectory(
                atPath: folder + "/" + name, withIntermediateDirectories: true)
        }
        try run([
            "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2",
            "-keyout", folder + "/key", "-out", folder + "/roots/root.pem", "-subj", "/CN=localhost",
            "-addext", "subjectAltName=DNS:localhost",
        ])
        try run(["rehash", folder + "/roots"])
        let server = Process()
        server.executableURL = URL(fileURLWithPath: "/usr/bin/openssl")
        server.arguments = [
            "s_server", "-accept", "127.0.0.1:0", "-key", folder + "/key", "-cert",
            folder + "/roots/root.pem",
            "-www",
        ]
        let output = Pipe()
        server.standardOutput = output
        server.standardError = FileHandle.nullDevice
        server.standardInput = Pipe()
        try server.run()
        defer {
            // Not SIGTERM, which a child of a dispatch thread may inherit as blocked.
            kill(server.processIdentifier, SIGKILL)
            server.waitUntilExit()
        }
        try body(folder, try port(output.fileHandleForReading))
    }

    /// `ACCEPT 127.0.0.1:41234`
    private func port(_ output: FileHandle) throws -> Int {
        var text = ""
        while let bytes = try output.read(upToCount: 1), !bytes.isEmpty {
            text += String(decoding: bytes, as: UTF8.self)
            guard text.hasSuffix("\n") else { continue }
            if let port = text.split(separator: "\n").last?.split(separator: ":").last.flatMap({ Int($0) }) {
                return port
            }
        }
        throw Failure(.other, "openssl s_server did not start: \(text)")
    }

    private func run(_ arguments: [String]) throws {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/openssl")
        process.arguments = arguments
        process.standardError = FileHandle.nullDevice
        process.standardOutput = FileHandle.nullDevice
        try process.run()
        process.waitUntilExit()
        try #require(process.terminationStatus == 0, "openssl \(arguments[0])")
    }
}
