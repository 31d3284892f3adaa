public import Foundation
public import Logging
public import Template

/// Fires the schedules of a template, as EventBridge does: at least once, and also while the last one runs.
public struct Scheduler: Sendable {
    /// A schedule whose expression was understood, and the function it wakes.
    private struct Entry: Sendable {
        var schedule: Schedule
        var function: String
        var times: Times
    }

    private enum Times: Sendable {
        case every(Duration)
        case cron(CronExpression, TimeZone)
        case once(Date)
    }

    /// One line that names the schedule and what is wrong with it.
    public struct Malformed: Error, CustomStringConvertible {
        public var description: String
    }

    private let entries: [Entry]
    private let place: Place
    private let deliver: @Sendable (_ function: String, _ payload: [UInt8]) async -> Void
    private let logger: Logger

    /// `deliver` invokes asynchronously: it returns when the event is taken and sees to the retries.
    public init(
        _ functions: [Function], place: Place, logger: Logger,
        deliver: @escaping @Sendable (_ function: String, _ payload: [UInt8]) async -> Void
    ) throws(Malformed) {
        var entries: [Entry] = []
        for function in functions {
            for schedule in function.schedules where schedule.enabled {
                let times = try Self.times(of: schedule)
                entries.append(Entry(schedule: schedule, function: function.name, times: times))
            }
        }
        self.entries = entries
        self.place = place
        self.logger = logger
        self.deliver = deliver
    }

    /// Runs until cancelled. With `ratesAtStart` every `rate` fires once at once, as after a deployment
    /// nobody waits an hour to see that the hourly function works.
    public func run(
        clock: some Clock<Duration>, now: @escaping @Sendable () -> Date = { Date() },
        ratesAtStart: Bool = false
    ) async {
        await withDiscardingTaskGroup { group in
            for entry in entries {
                group.addTask { await run(entry, clock: clock, now: now, ratesAtStart: ratesAtStart) }
            }
        }
    }

    private func run(
        _ entry: Entry, clock: some Clock<Duration>, now: @escaping @Sendable () -> Date, ratesAtStart: Bool
    ) async {
        await withDiscardingTaskGroup { group in
            var last = now()
            if ratesAtStart, case .every = entry.times {
                let instant = last
                group.addTask { await fire(entry, at: instant) }
            }
            while let next = Self.next(of: entry.times, after: last) {
                // In steps, because the machine's clock may be set and the machine may sleep.
                while case let missing = next.timeIntervalSince(now()), missing > 0 {
                    do {
                        try await clock.sleep(for: .seconds(min(missing, 60)))
                    } catch {
                        return
                    }
                }
                group.addTask { await fire(entry, at: next) }
                last = max(next, Self.latest(of: entry.times, from: next, notAfter: now()))
            }
        }
    }

    private func fire(_ entry: Entry, at instant: Date) async {
        logger.info(
            "schedule due", metadata: ["rule": "\(entry.schedule.ruleName)", "function": "\(entry.function)"])
        await deliver(entry.function, Self.event(of: entry.schedule, at: instant, place: place))
    }

    static func event(of schedule: Schedule, at instant: Date, place: Place) -> [UInt8] {
        if let input = schedule.input { return Array(input.utf8) }
        let isRule = schedule.kind == .rule
        let members: [String: JSONValue] = [
            "version": .string("0"), "id": .string(UUID().uuidString.lowercased()),
            "detail-type": .string("Scheduled Event"),
            "source": .string(isRule ? "aws.events" : "aws.scheduler"), "account": .string(place.account),
            "time": .string(instant.formatted(.iso8601)), "region": .string(place.region),
            "resources": .array([.string(schedule.arn)]),
            // EventBridge Scheduler sends the detail as text, a rule as an object.
            "detail": isRule ? .object([:]) : .string("{}"),
        ]
        return JSONValue.object(members).bytes
    }
}

extension Scheduler {
    private static func times(of schedule: Schedule) throws(Malformed) -> Times {
        guard let zone = TimeZone(identifier: schedule.timeZone) else {
            throw Malformed(description: "\(schedule.ruleName): no time zone '\(schedule.timeZone)'")
        }
        switch schedule.expression {
        case .rate(let seconds):
            guard seconds > 0 else { throw Malformed(description: "\(schedule.ruleName): rate of 0") }
            return .every(.seconds(seconds))
        case .cron(let fields):
            do {
                return .cron(try CronExpression(fields: fields), zone)
            } catch {
                throw Malformed(description: "\(schedule.ruleName): \(error)")
            }
        case .at(let text):
            var style = Date.ISO8601FormatStyle(timeZone: zone)
            style = style.year().month().day().time(includingFractionalSeconds: false)
            guard let instant = try? Date(text, strategy: style) else {
                throw Malformed(description: "\(schedule.ruleName): at(\(text)) is no time")
            }
            return .once(instant)
        }
    }

    private static func next(of times: Times, after instant: Date) -> Date? {
        switch times {
        case .every(let period): instant.addingTimeInterval(period / .seconds(1))
        case .cron(let expression, let zone): expression.next(after: instant, in: zone)
        case .once(let date): date > instant ? date : nil
        }
    }

    /// Of the beats that were due while the machine slept only the last one counts: one event, not a hundred.
    private static func latest(of times: Times, from due: Date, notAfter now: Date) -> Date {
        guard case .every(let period) = times else { return now }
        let seconds = period / .seconds(1)
        let missed = (now.timeIntervalSince(due) / seconds).rounded(.down)
        return due.addingTimeInterval(max(0, missed) * seconds)
    }
}
