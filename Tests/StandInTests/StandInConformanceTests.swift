import Foundation
import Testing

@testable import StandIns

/// Clients that nobody here wrote. EARSHELF_PYTHON names a Python that has `stripe`, `PyJWT[crypto]` and `svix`.
@Suite(.enabled(if: ProcessInfo.processInfo.environment["EARSHELF_PYTHON"] != nil))
struct StandInConformanceTests {
    @Test func `stripe-python takes the stand-in for Stripe`() async throws {
        let port = try await freePort()
        let webhook = StripeStandIn.Webhook(url: "http://127.0.0.1:\(port)/", secret: "whsec_conformance")
        let settings = { (configuration: inout StripeStandIn.Configuration) in
            configuration.webhook = webhook
            configuration.retryPauses = Array(repeating: .milliseconds(100), count: 100)
        }
        try await withStripe(settings) { shop, _ in
            let status = try await python(
                "stripe_python.py",
                [
                    "EARSHELF_STRIPE_API_BASE": shop.address, "EARSHELF_STRIPE_WEBHOOK_PORT": port,
                    "EARSHELF_STRIPE_WEBHOOK_SECRET": webhook.secret,
                ])
            #expect(status == 0)
        }
    }

    @Test func `PyJWT verifies the tokens`() async throws {
        try await withIdentity { shop in
            let status = try await python("identity_pyjwt.py", ["EARSHELF_OIDC_ISSUER": shop.address])
            #expect(status == 0)
        }
    }

    @Test func `Svix's library believes what is told of accounts`() async throws {
        let port = try await freePort()
        let webhook = IdentityStandIn.Webhook(
            url: "http://127.0.0.1:\(port)/", secret: "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")
        let settings = { (configuration: inout IdentityStandIn.Configuration) in
            configuration.webhook = webhook
            configuration.retryPauses = Array(repeating: .milliseconds(100), count: 100)
        }
        try await withIdentity(settings) { shop in
            let status = try await python(
                "identity_svix.py",
                [
                    "EARSHELF_OIDC_ISSUER": shop.address, "EARSHELF_IDENTITY_WEBHOOK_PORT": port,
                    "EARSHELF_IDENTITY_WEBHOOK_SECRET": webhook.secret,
                ])
            #expect(status == 0)
        }
    }

    /// One that was free a moment ago.
    private func freePort() async throws -> String {
        let server = LocalServer()
        let run = { @Sendable in
            try await server.run(
                name: "none", port: 0, bodyLimitBytes: 0, logger: quiet, tooLarge: { .text(413, "") },
                answer: { _ in .text(404, "") })
        }
        let address = try await running(run) { try await server.address }
        return String(address.split(separator: ":").last ?? "")
    }

    private func python(_ script: String, _ environment: [String: String]) async throws -> Int32 {
        let process = Process()
        let own = ProcessInfo.processInfo.environment
        process.executableURL = URL(fileURLWithPath: own["EARSHELF_PYTHON"] ?? "python3")
        let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        process.arguments = [folder.appending(path: "Conformance/\(script)").path]
        process.environment = own.merging(environment) { _, given in given }
        return try await withCheckedThrowingContinuation { continuation in
            process.terminationHandler = { continuation.resume(returning: $0.terminationStatus) }
            do { try process.run() } catch { continuation.resume(throwing: error) }
        }
    }
}
