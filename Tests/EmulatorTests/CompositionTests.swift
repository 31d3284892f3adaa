import Foundation
import Logging
import Platform
import Queue
import Synchronization
import Template
import Testing

@testable import emulator

@Suite struct CompositionTests {
    @Test func `parts stop in the reverse order of their start, and only once`() async {
        let ensemble = Ensemble()
        let stopped = Mutex<[String]>([])
        for name in ["first", "second"] {
            ensemble.start(name) {
                try? await Task.sleep(for: .seconds(3600))
                stopped.withLock { $0.append(name) }
            }
        }
        ensemble.add("third") { stopped.withLock { $0.append("third") } }
        #expect(ensemble.health == ["first": true, "second": true, "third": true])
        await ensemble.stop()
        await ensemble.stop()
        #expect(stopped.withLock { $0 } == ["third", "second", "first"])
    }

    @Test func `a part that fails is named, and one that will not stop does not hold up the rest`() async {
        let ensemble = Ensemble()
        let (endless, _) = AsyncStream<Void>.makeStream()
        ensemble.add("deaf", stopLimit: .milliseconds(10)) { await Task { for await _ in endless {} }.value }
        ensemble.start("broken") { throw Refusal("out of order") }
        for await failure in ensemble.failures {
            #expect(failure == Refusal("broken: out of order"))
            break
        }
        #expect(ensemble.health == ["deaf": true, "broken": false])
        await ensemble.stop()
    }

    @Test func `a will is carried out when its pipe closes, and not when it is revoked`() async throws {
        let log = try FileHandle.log(at: "/dev/null")
        let doomed = try ChildProcess(["/bin/sleep", "3600"], output: log)
        let spared = try ChildProcess(["/bin/sleep", "3600"], output: log)
        let will = try LastWill(end: spared.identifier, named: "sleep", with: ["TERM"], log: log)
        await will.revoke()
        try LastWill(end: doomed.identifier, named: "sleep", with: ["TERM"], log: log).abandon()
        #expect(await doomed.wait() == SIGTERM)
        #expect(spared.status == nil)
        spared.signal(SIGKILL)
        _ = await spared.wait()
    }

    @Test func `who heeds no signal of a will is killed by its last`() async throws {
        let log = try FileHandle.log(at: "/dev/null")
        let stubborn = try ChildProcess(
            ["/bin/sh", "-c", "trap '' TERM; echo; while :; do sleep 1; done"], output: log)
        // Once it has a child, its trap is set.
        let children = "/proc/\(stubborn.identifier)/task/\(stubborn.identifier)/children"
        while try String(contentsOfFile: children, encoding: .utf8).isEmpty { await Task.yield() }
        try LastWill(
            end: stubborn.identifier, named: "sh", with: ["TERM", "KILL"], tenths: 1, log: log
        ).abandon()
        #expect(await stubborn.wait() == SIGKILL)
    }

    @Test func `what waits at a gate goes on when it opens`() async {
        let gate = Gate()
        async let first: Void = gate.pass()
        async let second: Void = gate.pass()
        gate.open()
        gate.open()
        _ = await (first, second)
        await gate.pass()
    }

    @Test func `stand-ins take the place of what has no key, and only of that`() throws {
        let yaml = """
            Transform: AWS::Serverless-2016-10-31
            Parameters:
              StripeSecretKey: { Type: String }
              StripeApiBase: { Type: String, Default: https://api.stripe.com }
              OpenaiApiKey: { Type: String }
              OpenaiBaseUrl: { Type: String, Default: https://api.openai.com/v1 }
              OidcIssuer: { Type: String }
              OidcAudience: { Type: String, Default: "" }
            Resources: {}
            """
        let addresses = try Addresses(base: 0, parts: Part.allCases)
        func values(_ environment: [String: String]) throws -> [String: String] {
            try TemplateParameters(
                Settings(environment: environment), addresses: addresses, databaseURL: "postgresql:///",
                webhookSecret: "whsec_1", identityWebhookSecret: "whsec_2",
                giftCodeSecret: String(repeating: "g", count: 43)
            ).values(for: yaml)
        }
        #expect(
            try values(["OPENAI_BASE_URL": "https://ignored.example"]) == [
                "StripeSecretKey": "sk_test_earshelf_local", "StripeApiBase": addresses.origin(.stripe),
                "OpenaiApiKey": "sk-earshelf-local", "OpenaiBaseUrl": addresses.origin(.openAI) + "/v1",
                "OidcIssuer": addresses.origin(.identity),
            ])
        #expect(
            try values([
                "STRIPE_SECRET_KEY": "sk_live", "OPENAI_API_KEY": "sk",
                "OIDC_ISSUER": "https://issuer.example",
                "OPENAI_BASE_URL": "https://models.example/v1",
            ]) == [
                "StripeSecretKey": "sk_live", "OpenaiApiKey": "sk",
                "OpenaiBaseUrl": "https://models.example/v1", "OidcIssuer": "https://issuer.example",
            ])
    }

    @Test func `where a proxy shows the shop and its storage, functions are told those addresses`() throws {
        let yaml = """
            Parameters:
              StoreUrl: { Type: String }
              S3Endpoint: { Type: String }
              OidcAuthorizedParties: { Type: String }
            Resources: {}
            """
        let addresses = try Addresses(base: 0, parts: Part.allCases)
        func values(_ environment: [String: String], storageURL: String?) throws -> [String: String] {
            try TemplateParameters(
                Settings(environment: environment), addresses: addresses, storageURL: storageURL,
                databaseURL: "postgresql:///", webhookSecret: "", identityWebhookSecret: "",
                giftCodeSecret: ""
            ).values(for: yaml)
        }
        let own = "\(addresses.origin(.gateway)),http://localhost:\(addresses.port(.gateway))"
        #expect(
            try values([:], storageURL: nil) == [
                "StoreUrl": addresses.origin(.gateway), "S3Endpoint": addresses.origin(.storage),
                "OidcAuthorizedParties": own,
            ])
        #expect(
            try values(["STORE_URL": "https://shop.example"], storageURL: "https://media.example") == [
                "StoreUrl": "https://shop.example", "S3Endpoint": "https://media.example",
                "OidcAuthorizedParties": own + ",https://shop.example",
            ])
    }

    @Test func `a program is named after its function's bundle`() {
        let options = Options(
            template: URL(fileURLWithPath: "/t.yaml"), products: URL(fileURLWithPath: "/p"), state: "",
            port: 0,
            settings: URL(fileURLWithPath: "/.env"), storefront: "", swaggerUI: "", readyFile: nil,
            idleSeconds: 300, freezesImmediately: false,
            logLevel: .info)
        let bundled = Function(
            logicalID: "StripeWebhook", name: "x", arn: "", codeURI: ".build/bundles/stripe-webhook.zip")
        #expect(options.program(of: bundled).path == "/p/stripe-webhook")
        #expect(options.program(of: Function(logicalID: "A", name: "a", arn: "")).path == "/p/a")
    }
}

/// An event source mapping over the store itself: what it leaves is what the next receiver finds.
@Suite struct QueueMappingTests {
    @Test func `messages of a failed batch come back, the others are gone`() async throws {
        try await withStateFolder { folder in
            let store = try QueueStore(folder: folder.path)
            try await store.declare("work", QueueSettings(visibilityTimeoutSeconds: 1))
            for body in ["good", "bad"] {
                let kind = MessageAttribute(type: "String", value: .text("kind of \(body)"))
                _ = try await store.send("work", QueueStore.Draft(body: body, attributes: ["kind": kind]))
            }
            let tries = Mutex(0)
            let invoker = RecordingInvoker { call in
                let records = call.event["Records"] as? [[String: Any]] ?? []
                let bad = records.filter { $0["body"] as? String == "bad" }
                let isFirst = tries.withLock { tries in
                    tries += 1
                    return tries == 1
                }
                guard isFirst, let id = bad.first?["messageId"] as? String else {
                    return .response([], log: [])
                }
                return .response(Array(#"{"batchItemFailures":[{"itemIdentifier":"\#(id)"}]}"#.utf8), log: [])
            }
            let source = QueueEventSource(
                QueueTrigger(
                    name: "Q", queueARN: "arn:aws:sqs:r:0:work", maximumConcurrency: 1,
                    reportsBatchItemFailures: true),
                function: "f", region: "r", visibilitySeconds: 1,
                queue: StoreQueue(store: store, name: "work"),
                invoker: invoker, logger: quiet)
            let running = Task { await source.run() }
            while case let left = try await store.counts(of: "work"), left.visible + left.inFlight > 0 {
                await Task.yield()
            }
            running.cancel()
            await running.value
            let bodies = invoker.calls.map { call in
                (call.event["Records"] as? [[String: Any]] ?? []).compactMap { $0["body"] as? String }
            }
            #expect(bodies.last == ["bad"])
            #expect(Set(bodies.flatMap(\.self)) == ["good", "bad"])
            let record = (invoker.calls.last?.event["Records"] as? [[String: Any]])?.first
            let attributes = record?["attributes"] as? [String: String]
            #expect(attributes?["ApproximateReceiveCount"] == "2")
        }
    }
}
