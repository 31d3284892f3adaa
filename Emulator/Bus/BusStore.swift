public import Foundation
import Groundwork
public import Logging

/// Buses, and what was accepted on them and is not yet with its targets: on the disk before its sender is
/// answered. An event may be delivered more than once.
public actor BusStore {
    /// Returns when the target keeps what it was given.
    public typealias Deliver =
        @Sendable (
            _ function: String, _ payload: String, _ traceHeader: String?
        ) async throws -> Void
    public typealias Bury = @Sendable (DeadLetter) async throws -> Void

    /// By name.
    public nonisolated let buses: Set<String>
    private let rules: [String: BusRule]
    private let journal: Journal<BusRecord>
    private let now: @Sendable () -> Date
    private let pause: @Sendable (_ attempts: Int) async throws -> Void
    private let logger: Logger
    private let thread = SerialThread("bus")
    private var targets: (deliver: Deliver, bury: Bury)?
    private var pending: [String: Delivery] = [:]
    /// By rule, in the order of their acceptance.
    private var waiting: [String: [Delivery]] = [:]
    private var working: [String: Task<Void, Never>] = [:]
    private var sleeping: [String: Task<Void, Never>] = [:]
    /// The last events, in memory alone.
    private var remembered = Recent<AcceptedEvent>(
        most: mostRemembered, mostWeight: 4 << 20, weigh: { $0.text.utf8.count })
    static let mostRemembered = 200

    public nonisolated var unownedExecutor: UnownedSerialExecutor { thread.asUnownedSerialExecutor() }

    /// `pause` is what lies between two attempts: on this machine half a second, twice as long each time, up to a
    /// minute.
    public init(
        folder: String, buses: Set<String>, rules: [BusRule], logger: Logger = Logger(label: "bus"),
        now: @escaping @Sendable () -> Date = { Date() },
        pause: @escaping @Sendable (_ attempts: Int) async throws -> Void = { attempts in
            try await Task.sleep(for: .seconds(min(0.5 * pow(2, Double(attempts - 1)), 60)))
        }
    ) throws {
        (self.buses, self.logger, self.now, self.pause) = (buses.union(["default"]), logger, now, pause)
        let known = Dictionary(rules.map { ($0.name, $0) }) { first, _ in first }
        self.rules = known
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        let journal = try Journal<BusRecord>(path: folder + "/log")
        var left: [String: Delivery] = [:]
        for record in try journal.entries() {
            switch record {
            case .accepted(let delivery): left[delivery.id] = delivery
            case .failed(let id, let attempts): left[id]?.attempts = attempts
            case .ended(let id): left[id] = nil
            }
        }
        // A rule that is gone from the template takes what it was to have with it, as on the platform.
        let orphans = left.values.filter { known[$0.rule] == nil }
        try journal.append(orphans.map { .ended(id: $0.id) }, synced: false)
        for orphan in orphans { left[orphan.id] = nil }
        (self.journal, pending) = (journal, left)
    }

    /// Begins to deliver, what the last run left behind first.
    public func start(deliver: @escaping Deliver, bury: @escaping Bury) {
        targets = (deliver, bury)
        for delivery in pending.values.sorted(by: { $0.accepted < $1.accepted }) { line(up: delivery) }
    }

    /// What is not done is done after the next start.
    public func stop() {
        targets = nil
        for task in sleeping.values { task.cancel() }
        for task in working.values { task.cancel() }
    }

    /// How many deliveries are not done.
    var pendingCount: Int { pending.count }

    /// Takes events, all of them or none; what no rule is for is gone.
    func accept(_ events: [AcceptedEvent]) throws {
        for event in events { remembered.put(event, under: event.id) }
        try deliver(events)
    }

    /// What was accepted last, the newest first, to look at.
    public func recent() -> [BusNotice] { remembered.newestFirst().map(BusNotice.init) }

    /// Tells an event of those again to whomever the rules name, as it was told before. False for one that is
    /// forgotten.
    public func replay(_ id: String) throws -> Bool {
        guard let event = remembered[id] else { return false }
        try deliver([event])
        return true
    }

    private func deliver(_ events: [AcceptedEvent]) throws {
        var deliveries: [Delivery] = []
        for event in events {
            for rule in rules.values where rule.bus == event.bus && rule.pattern.matches(event.tree) {
                logger.info(
                    "rule matched",
                    metadata: [
                        "rule": "\(rule.name)", "event": "\(event.topic)",
                        "function": "\(rule.target.function)",
                    ])
                deliveries.append(
                    Delivery(
                        event: event.id, rule: rule.name, payload: rule.input ?? event.text, accepted: now(),
                        traceHeader: event.traceHeader))
            }
        }
        guard !deliveries.isEmpty else { return }
        try journal.append(deliveries.map(BusRecord.accepted), synced: true)
        for delivery in deliveries {
            pending[delivery.id] = delivery
            line(up: delivery)
        }
    }

    // MARK: One after the other

    private func line(up delivery: Delivery) {
        guard targets != nil else { return }
        waiting[delivery.rule, default: []].append(delivery)
        next(delivery.rule)
    }

    private func next(_ rule: String) {
        guard working[rule] == nil, let first = waiting[rule]?.first else { return }
        waiting[rule]?.removeFirst()
        working[rule] = Task {
            await self.attempt(first)
            self.working[rule] = nil
            self.next(rule)
        }
    }

    private func attempt(_ given: Delivery) async {
        guard let targets, let rule = rules[given.rule] else { return }
        var delivery = given
        do {
            try await targets.deliver(rule.target.function, delivery.payload, delivery.traceHeader)
            return end(delivery)
        } catch {
            // The emulator's own end is nobody's failure.
            guard self.targets != nil else { return }
            delivery.attempts += 1
            pending[delivery.id] = delivery
            let isTooOld = now().timeIntervalSince(delivery.accepted) > Double(rule.retries.maximumAgeSeconds)
            guard isTooOld || delivery.attempts > rule.retries.most else { return putOff(delivery) }
            let condition = isTooOld ? "MaximumEventAgeInSeconds" : "MaximumRetryAttempts"
            await bury(delivery, of: rule, "\(error)", condition, targets.bury)
        }
    }

    private func bury(
        _ delivery: Delivery, of rule: BusRule, _ error: String, _ condition: String, _ bury: Bury
    ) async {
        let metadata: Logger.Metadata = [
            "rule": "\(rule.name)", "event": "\(delivery.event)", "reason": "\(error)",
        ]
        guard let queue = rule.deadLetters else {
            logger.error("an event is lost", metadata: metadata)
            return end(delivery)
        }
        do {
            try await bury(DeadLetter(delivery, of: rule, to: queue, error, condition))
            logger.error("an event is with the dead letters", metadata: metadata)
            end(delivery)
        } catch { putOff(delivery) }
    }

    private func putOff(_ delivery: Delivery) {
        try? journal.append([.failed(id: delivery.id, attempts: delivery.attempts)], synced: false)
        sleeping[delivery.id] = Task {
            do { try await self.pause(delivery.attempts) } catch { return }
            self.sleeping[delivery.id] = nil
            self.line(up: delivery)
        }
    }

    /// Should this not reach the disk, it is delivered once more after the next start.
    private func end(_ delivery: Delivery) {
        pending[delivery.id] = nil
        try? journal.append([.ended(id: delivery.id)], synced: false)
        if journal.lines > 1000, journal.lines > 4 * pending.count {
            let rest = pending.values.sorted { $0.accepted < $1.accepted }
            try? journal.replace(with: rest.map(BusRecord.accepted))
        }
    }
}
