import Foundation
import Synchronization
import Template
import Testing

@testable import Platform

/// Time passes when it is told to.
private final class HandClock: Clock, Sendable {
    struct Instant: InstantProtocol {
        var offset: Duration

        func advanced(by duration: Duration) -> Instant { Instant(offset: offset + duration) }
        func duration(to other: Instant) -> Duration { other.offset - offset }
        static func < (one: Instant, other: Instant) -> Bool { one.offset < other.offset }
    }

    private struct State {
        var now = Instant(offset: .zero)
        var sleepers: [(until: Instant, wake: CheckedContinuation<Void, Never>)] = []
    }

    private let state = Mutex(State())
    let minimumResolution = Duration.zero
    var now: Instant { state.withLock { $0.now } }
    var date: Date { start.addingTimeInterval(now.offset / .seconds(1)) }
    let start = Date(timeIntervalSince1970: 1_800_000_000)
    var sleepers: Int { state.withLock { $0.sleepers.count } }

    func sleep(until deadline: Instant, tolerance: Duration?) async throws {
        await withCheckedContinuation { continuation in
            state.withLock { state in
                if deadline <= state.now {
                    continuation.resume()
                } else {
                    state.sleepers.append((deadline, continuation))
                }
            }
        }
        try Task.checkCancellation()
    }

    /// Waits until somebody sleeps, then lets the time pass.
    func pass(_ duration: Duration) async {
        while sleepers == 0 { await Task.yield() }
        let due = state.withLock { state in
            state.now = state.now.advanced(by: duration)
            let due = state.sleepers.filter { $0.until <= state.now }
            state.sleepers.removeAll { $0.until <= state.now }
            return due
        }
        for sleeper in due { sleeper.wake.resume() }
    }
}

private func schedule(_ expression: Schedule.Expression, kind: Schedule.Kind = .rule, input: String? = nil)
    -> Schedule
{
    Schedule(
        name: "Tick", ruleName: "tick", arn: "arn:aws:events:eu-central-1:000000000000:rule/tick", kind: kind,
        expression: expression, input: input)
}

private func instant(_ text: String) throws -> Date { try Date(text, strategy: .iso8601) }

@Suite struct SchedulerTests {
    @Test(
        arguments: [
            ("0 10 * * ? *", "2026-01-01T10:00:00Z", "2026-01-02T10:00:00Z"),
            ("0 10 * * ? *", "2026-01-01T09:59:59Z", "2026-01-01T10:00:00Z"),
            ("15 12 * * ? *", "2026-12-31T12:15:00Z", "2027-01-01T12:15:00Z"),
            ("0 18 ? * MON-FRI *", "2026-01-02T18:00:00Z", "2026-01-05T18:00:00Z"),
            ("0 8 1 * ? *", "2026-01-01T08:00:00Z", "2026-02-01T08:00:00Z"),
            ("0/15 * * * ? *", "2026-01-01T00:07:30Z", "2026-01-01T00:15:00Z"),
            ("*/20 * * * ? *", "2026-01-01T00:40:00Z", "2026-01-01T01:00:00Z"),
            ("0/5 8-17 ? * MON-FRI *", "2026-01-02T17:55:00Z", "2026-01-05T08:00:00Z"),
            ("0 9 ? * 2#1 *", "2026-01-05T09:00:00Z", "2026-02-02T09:00:00Z"),
            ("0 9 ? * FRI#5 *", "2026-01-30T09:00:00Z", "2026-05-29T09:00:00Z"),
            ("0 0 L * ? *", "2026-02-01T00:00:00Z", "2026-02-28T00:00:00Z"),
            ("0 0 L 2 ? *", "2027-03-01T00:00:00Z", "2028-02-29T00:00:00Z"),
            ("0 0 LW * ? *", "2026-01-31T00:00:00Z", "2026-02-27T00:00:00Z"),
            ("0 0 15W * ? *", "2026-02-01T00:00:00Z", "2026-02-16T00:00:00Z"),
            ("0 0 1W * ? *", "2026-07-31T00:00:00Z", "2026-08-03T00:00:00Z"),
            ("0 0 31W 5 ? *", "2026-05-01T00:00:00Z", "2026-05-29T00:00:00Z"),
            ("0 0 ? * L *", "2026-01-01T00:00:00Z", "2026-01-03T00:00:00Z"),
            ("0 0 ? * 6L *", "2026-01-01T00:00:00Z", "2026-01-30T00:00:00Z"),
            ("0 0 29 2 ? 2026-2030", "2026-01-01T00:00:00Z", "2028-02-29T00:00:00Z"),
            ("30 4 1,15 JAN,jul ? *", "2026-01-15T04:30:00Z", "2026-07-01T04:30:00Z"),
            ("0 0 1 1 ? 2030/5", "2026-01-01T00:00:00Z", "2030-01-01T00:00:00Z"),
            ("59 23 31 12 ? 2199", "2026-01-01T00:00:00Z", "2199-12-31T23:59:00Z"),
        ])
    func `cron fires next`(expression: String, after: String, expected: String) throws {
        let cron = try CronExpression(fields: expression.split(separator: " ").map(String.init))
        #expect(try cron.next(after: instant(after)) == instant(expected))
    }

    @Test(arguments: ["0 0 30 2 ? *", "0 0 1 1 ? 2025"])
    func `what never comes never fires`(expression: String) throws {
        let cron = try CronExpression(fields: expression.split(separator: " ").map(String.init))
        #expect(try cron.next(after: instant("2026-01-01T00:00:00Z")) == nil)
    }

    @Test(
        arguments: [
            "0 0 * * * *", "0 0 ? * ? *", "0 0 1 * MON *", "60 0 * * ? *", "0 24 * * ? *", "0 0 0 * ? *",
            "0 0 32 * ? *", "0 0 * 13 ? *", "0 0 ? * 8 *", "0 0 ? * MON#6 *", "0 0 * * ? 1969", "0 0 * * ?",
            "5-1 0 * * ? *", "*/0 0 * * ? *", "+5 0 * * ? *", "1,,2 0 * * ? *", "0 0 W * ? *",
            "1-2-3 0 * * ? *",
            "x 0 * * ? *", "0 0 1-5W * ? *",
        ])
    func `cron that is none is refused`(expression: String) {
        #expect(throws: CronExpression.Malformed.self) {
            try CronExpression(fields: expression.split(separator: " ").map(String.init))
        }
    }

    @Test func `a zone's skipped hour is skipped and its repeated hour counts once`() throws {
        let berlin = try #require(TimeZone(identifier: "Europe/Berlin"))
        let cron = try CronExpression(fields: ["30", "2", "*", "*", "?", "*"])
        #expect(
            try cron.next(after: instant("2026-03-28T12:00:00Z"), in: berlin)
                == instant("2026-03-30T00:30:00Z"))
        let first = try #require(try cron.next(after: instant("2026-10-24T12:00:00Z"), in: berlin))
        #expect(try first == instant("2026-10-25T00:30:00Z"))
        #expect(try cron.next(after: first, in: berlin) == instant("2026-10-26T01:30:00Z"))
    }

    @Test func `a rate fires at start if asked, then at every beat, and once for beats slept through`()
        async throws
    {
        let clock = HandClock()
        let fired = Mutex<[String]>([])
        let relay = Function(
            logicalID: "Relay", name: "relay", arn: "arn", schedules: [schedule(.rate(seconds: 60))])
        let scheduler = try Scheduler([relay], place: Place(), logger: quiet) { function, payload in
            let event = (try? JSONSerialization.jsonObject(with: Data(payload))) as? [String: Any] ?? [:]
            fired.withLock { $0.append("\(function) \(event["time"] ?? "")") }
        }
        func waitFor(_ count: Int) async { while fired.withLock({ $0.count }) < count { await Task.yield() } }
        let running = Task { await scheduler.run(clock: clock, now: { clock.date }, ratesAtStart: true) }
        await waitFor(1)
        await clock.pass(.seconds(59))
        await clock.pass(.seconds(1))
        await waitFor(2)
        await clock.pass(.seconds(200))
        await waitFor(3)
        await clock.pass(.seconds(40))
        await waitFor(4)
        running.cancel()
        await clock.pass(.seconds(60))
        await running.value
        #expect(
            fired.withLock { $0 } == [
                "relay 2027-01-15T08:00:00Z", "relay 2027-01-15T08:01:00Z", "relay 2027-01-15T08:02:00Z",
                "relay 2027-01-15T08:05:00Z",
            ])
    }

    @Test func `the event has EventBridge's shape, or is the input`() throws {
        let at = Date(timeIntervalSince1970: 1_800_000_000)
        let bytes = Scheduler.event(of: schedule(.rate(seconds: 60)), at: at, place: Place())
        let event = try #require(try JSONSerialization.jsonObject(with: Data(bytes)) as? [String: Any])
        #expect(
            Set(event.keys) == [
                "version", "id", "detail-type", "source", "account", "time", "region", "resources", "detail",
            ])
        #expect(event["source"] as? String == "aws.events")
        #expect(event["detail-type"] as? String == "Scheduled Event")
        #expect(event["resources"] as? [String] == ["arn:aws:events:eu-central-1:000000000000:rule/tick"])
        #expect((event["detail"] as? [String: String])?.isEmpty == true)
        let input = Scheduler.event(
            of: schedule(.rate(seconds: 60), input: #"{"a":1}"#), at: at, place: Place())
        #expect(input == Array(#"{"a":1}"#.utf8))
    }
}
