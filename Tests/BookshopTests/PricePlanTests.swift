import Bookshop
import Foundation
import Testing

/// Moments are counted in days; now is day 10, and a price of 1000 holds since day 0.
@Suite struct PricePlanTests {
    private static func day(_ day: Int) -> Date { Date(timeIntervalSince1970: Double(day) * 86_400) }
    private let editor = Editor.ID()
    private let now = day(10)

    private func base(_ amount: Int = 1000, _ from: Int = 0, _ until: Int? = nil) -> PricePlan.Stretch {
        PricePlan.Stretch(
            amount: amount, from: Self.day(from), until: until.map(Self.day), setAt: Self.day(from))
    }

    /// `1000@0-20`, a sale with a star.
    private func told(_ plan: PricePlan) throws -> [String] {
        try plan.stretches().map { stretch in
            func days(_ date: Date) -> Int { Int(date.timeIntervalSince1970 / 86_400) }
            let end = stretch.until.map { "\(days($0))" } ?? ""
            return "\(stretch.amount)\(stretch.isSale ? "*" : "")@\(days(stretch.from))-\(end)"
        }
    }

    private func plan(_ change: (inout PricePlan) throws(PriceError) -> Void) throws -> [String] {
        var plan = PricePlan([base()], now: now)
        try change(&plan)
        return try told(plan)
    }

    @Test func `a price holds until the next begins`() throws {
        #expect(try plan { (_) throws(PriceError) in } == ["1000@0-"])
        #expect(
            try plan { (plan) throws(PriceError) in try plan.set(800, from: now, by: editor) } == ["800@10-"],
            "what ends now is no more part of the plan")
        #expect(
            try plan { (plan) throws(PriceError) in
                try plan.set(800, from: Self.day(20), by: editor)
                try plan.set(900, from: Self.day(15), by: editor)
            } == ["1000@0-15", "900@15-20", "800@20-"])
        #expect(
            try plan { (plan) throws(PriceError) in try plan.set(1000, from: Self.day(12), by: editor) }
                == ["1000@0-"], "the same price again changes nothing")
    }

    @Test func `after a sale the old price holds again`() throws {
        #expect(
            try plan { (plan) throws(PriceError) in
                try plan.sell(at: 500, from: Self.day(12), until: Self.day(14), by: editor)
            } == ["1000@0-12", "500*@12-14", "1000@14-"])
        #expect(
            try plan { (plan) throws(PriceError) in
                try plan.sell(at: 500, from: Self.day(12), until: Self.day(14), by: editor)
                try plan.sell(at: 400, from: Self.day(14), until: Self.day(15), by: editor)
                try plan.set(900, from: Self.day(13), by: editor)
            } == ["1000@0-12", "500*@12-14", "400*@14-15", "900@15-"],
            "a price set while a sale runs holds when it is over")
    }

    @Test func `a kept plan is read back as it was`() throws {
        var plan = PricePlan([base()], now: now)
        try plan.sell(at: 500, from: Self.day(12), until: Self.day(14), by: editor)
        try plan.set(900, from: Self.day(20), by: editor)
        let kept = try plan.stretches()
        for day in [10, 12, 13] {
            let later = PricePlan(
                kept.filter { $0.until ?? .distantFuture > Self.day(day) }, now: Self.day(day))
            #expect(try later.stretches() == kept.filter { $0.until ?? .distantFuture > Self.day(day) })
        }
    }

    @Test func `what was planned and is taken back leaves no gap`() throws {
        var plan = PricePlan([base()], now: now)
        try plan.sell(at: 500, from: Self.day(12), until: Self.day(14), by: editor)
        try plan.set(900, from: Self.day(20), by: editor)
        let kept = try plan.stretches()
        var other = PricePlan(kept, now: now)
        try other.remove(kept[1])
        #expect(try told(other) == ["1000@0-20", "900@20-"])
        try other.remove(kept[3])
        #expect(try told(other) == ["1000@0-"])
        #expect(throws: PriceError.begun) { try other.remove(kept[0]) }
        #expect(throws: PriceError.begun, "it goes on with what has begun") { try other.remove(kept[2]) }
    }

    @Test func `a sale that runs is ended, and not unmade`() throws {
        let kept = [
            PricePlan.Stretch(
                amount: 500, from: Self.day(8), until: Self.day(14), isSale: true, setAt: Self.day(1)),
            PricePlan.Stretch(
                amount: 1000, from: Self.day(14), until: nil, since: Self.day(0), setAt: Self.day(0)),
        ]
        var plan = PricePlan(kept, now: now)
        #expect(try told(plan) == ["500*@8-14", "1000@14-"])
        try plan.remove(kept[0])
        #expect(try told(plan) == ["1000@10-"])
    }

    @Test func `nothing overlaps, nothing is past and nothing is hidden`() throws {
        var plan = PricePlan([base()], now: now)
        #expect(throws: PriceError.past) { try plan.set(1, from: Self.day(9), by: editor) }
        #expect(throws: PriceError.past) {
            try plan.sell(at: 1, from: Self.day(9), until: Self.day(11), by: editor)
        }
        #expect(throws: PriceError.endsBeforeItBegins) {
            try plan.sell(at: 1, from: Self.day(12), until: Self.day(12), by: editor)
        }
        try plan.sell(at: 1, from: Self.day(12), until: Self.day(20), by: editor)
        for (from, until) in [(11, 13), (12, 20), (13, 14), (19, 25)] {
            #expect(throws: PriceError.overlaps) {
                try plan.sell(at: 1, from: Self.day(from), until: Self.day(until), by: editor)
            }
        }
        try plan.set(900, from: Self.day(13), by: editor)
        try plan.set(800, from: Self.day(15), by: editor)
        #expect(throws: PriceError.overlaps, "900 would never hold") { try plan.stretches() }
    }
}
