import Bus
import Foundation
import Queue
import Template

/// The bus, and where its events go.
extension Emulator {
    func startBus(_ plan: Plan, _ template: Template) async throws -> BusStore {
        let store = try BusStore(
            folder: plan.folder("bus").path, buses: Set(template.buses.map(\.name)),
            rules: BusRule.all(of: template), logger: logger("bus"))
        let server = BusServer(
            store: store, credentials: plan.accessKeys, region: plan.place.region,
            account: plan.place.account, logger: logger("bus"))
        try await listen("bus", .bus, plan) { port, ready in
            try await server.run(port: port, onRunning: ready)
        }
        return store
    }

    /// A function's own queue of asynchronous events keeps what it is given, and sees to its retries.
    func startDeliveries(of bus: BusStore, to queues: QueueStore) async {
        await bus.start { function, payload, trace in
            try await self.enqueue(function, Array(payload.utf8), trace: trace)
        } bury: { letter in
            let draft = QueueStore.Draft(
                body: letter.body,
                attributes: letter.attributes.mapValues { MessageAttribute(type: "String", value: .text($0)) }
            )
            _ = try await queues.send(String(letter.queue.split(separator: ":").last ?? ""), draft)
        }
        ensemble.add("deliveries", stopLimit: .milliseconds(100)) { await bus.stop() }
    }
}

extension BusRule {
    /// Those of a template that are not switched off. Refuses what is not known of a pattern, by its place.
    static func all(of template: Template) throws -> [BusRule] {
        try template.functions.flatMap { function in
            try function.busTriggers.filter(\.enabled).map { trigger in
                let pattern: EventPattern
                do { pattern = try EventPattern(trigger.pattern) } catch {
                    throw Refusal(
                        "Resources.\(function.logicalID).Properties.Events.\(trigger.name).Properties.Pattern: "
                            + "the emulator does not know this pattern: \(error)")
                }
                return BusRule(
                    name: trigger.ruleName, arn: trigger.arn, bus: trigger.bus, pattern: pattern,
                    target: Target(function: function.name, arn: function.arn), input: trigger.input,
                    retries: Retries(
                        most: trigger.maximumRetries, maximumAgeSeconds: trigger.maximumAgeSeconds),
                    deadLetters: trigger.deadLetterTarget)
            }
        }
    }
}
