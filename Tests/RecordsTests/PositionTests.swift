import Bookshop
import Foundation
import Postgres
import Records
import TestSupport
import Testing

@Suite struct PositionTests {
    private static let phone = Device(id: "phone", name: "Ada's phone")!
    private static let tablet = Device(id: "tablet", name: nil)!
    private let begun = Date(timeIntervalSince1970: 1_800_000_000)

    private func sync(_ to: Int, base: Int, by device: Device = phone) throws -> Move {
        try Move(.sync, to: to, base: base, by: device)
    }

    /// A customer in a book of three minutes.
    private func listening(
        _ body: (Connection, Customer.ID, Audiobook.ID) throws -> Void
    ) throws {
        try withConnection { records in
            let book = try records { try $0.published("Emma", by: try $0.person("e", .editor)) }
            try body(records, try records { try $0.person("c") }, book)
        }
    }

    @Test func `at first a listener is at the beginning, and a move makes a version`() throws {
        try listening { records, customer, book in
            let first = try records { try $0.position(of: customer, in: book) }
            #expect(first.milliseconds == 0 && first.version == 0 && first.last == nil)
            let outcome = try records {
                try $0.move(customer, in: book, by: sync(60_000, base: 0), at: begun)
            }
            let now = try records { try $0.position(of: customer, in: book) }
            #expect(outcome == .moved(now) && now.version == 1 && now.milliseconds == 60_000)
            #expect(now.last == .init(kind: .sync, device: Self.phone, at: begun))
            #expect(now.edition == first.edition && now.chosenVersion == 0)
            let again = try records { try $0.move(customer, in: book, by: sync(60_000, base: 0), at: begun) }
            #expect(again == .kept(now), "sent again, it changes nothing")
        }
    }

    @Test func `while one device plays on its line grows, and all else is a line of its own`() throws {
        try listening { records, customer, book in
            func move(_ move: Move, after seconds: Double) throws {
                let outcome = try records {
                    try $0.move(customer, in: book, by: move, at: begun.addingTimeInterval(seconds))
                }
                if case .moved = outcome { return }
                Issue.record("\(move) moved nothing")
            }
            try move(sync(10_000, base: 0), after: 0)
            try move(sync(20_000, base: 1), after: 10)
            try move(sync(30_000, base: 2), after: 20 + 14 * 60)
            try move(sync(40_000, base: 3), after: 30 + 30 * 60)
            try move(sync(50_000, base: 4, by: Self.tablet), after: 2000)
            try move(Move(.seek, to: 20_000, base: 5, by: Self.tablet), after: 2010)
            try move(sync(25_000, base: 6, by: Self.tablet), after: 2020)
            try move(Move(.restart, to: nil, base: nil, by: Self.phone), after: 2030)
            let lines = try records { try $0.history(of: customer, in: book) }.items
            #expect(lines.map(\.version) == [8, 7, 6, 5, 4, 3])
            #expect(lines.map(\.kind) == [.restart, .sync, .seek, .sync, .sync, .sync])
            #expect(lines.map(\.fromMilliseconds) == [25_000, 20_000, 50_000, 40_000, 30_000, 0])
            #expect(lines.map(\.toMilliseconds) == [0, 25_000, 20_000, 50_000, 40_000, 30_000])
            #expect(lines.last?.beganAt == begun && lines.first?.device == Self.phone)
            var seen: [Int] = [], cursor: Cursor?
            repeat {
                let page = try records {
                    try $0.history(
                        of: customer, in: book, after: cursor, size: try #require(PageSize(rawValue: 4)))
                }
                seen += page.items.map(\.version)
                cursor = page.next
            } while cursor != nil
            #expect(seen == lines.map(\.version))
            #expect(throws: ForeignCursor.self) {
                try records {
                    try $0.history(
                        of: customer, in: book, after: Cursor(list: "history", key: "3", id: UUID()))
                }
            }
        }
    }

    @Test func `moves are undone one after the other, and nothing is lost`() throws {
        try listening { records, customer, book in
            func undo(_ version: Int) throws -> ListeningPosition {
                try records {
                    try $0.undoMove(
                        of: customer, in: book, ifVersion: version, by: Self.tablet, at: begun)
                }
            }
            #expect(throws: UndoError.nothingToUndo) { try undo(0) }
            _ = try records { try $0.move(customer, in: book, by: sync(100_000, base: 0), at: begun) }
            _ = try records {
                try $0.move(
                    customer, in: book, by: Move(.restart, to: nil, base: 1, by: Self.phone), at: begun)
            }
            #expect(throws: UndoError.movedMeanwhile) { try undo(1) }
            let back = try undo(2)
            #expect(back.milliseconds == 100_000 && back.version == 3 && back.chosenVersion == 3)
            let farther = try undo(3)
            #expect(farther.milliseconds == 0 && farther.version == 4)
            #expect(throws: UndoError.nothingToUndo) { try undo(4) }
            let lines = try records { try $0.history(of: customer, in: book) }.items
            #expect(lines.map(\.kind) == [.undo, .undo, .restart, .sync])
            #expect(lines.map(\.isUndone) == [false, false, true, true])
            // What was told before the undoing counts for nothing, and what comes after is undone first.
            let stale = try records { try $0.move(customer, in: book, by: sync(90_000, base: 3), at: begun) }
            #expect(stale == .conflict(.movedMeanwhile, farther))
            _ = try records { try $0.move(customer, in: book, by: sync(90_000, base: 4), at: begun) }
            #expect(try undo(5).milliseconds == 0)
        }
    }

    @Test func `a book is finished while its place is at the end, and heard if it was played there`() throws {
        try listening { records, customer, book in
            func finishes() throws -> Int {
                try records { try $0.value("SELECT count(*) FROM listening.finishes") } ?? -1
            }
            _ = try records {
                try $0.move(
                    customer, in: book, by: Move(.seek, to: 180_000, base: 0, by: Self.phone), at: begun)
            }
            #expect(try records { try $0.position(of: customer, in: book) }.finishedAt == begun)
            #expect(try finishes() == 0, "who jumps there has not heard it")
            _ = try records {
                try $0.move(
                    customer, in: book, by: Move(.restart, to: 0, base: 1, by: Self.phone), at: begun)
            }
            #expect(try records { try $0.position(of: customer, in: book) }.finishedAt == nil)
            _ = try records { try $0.move(customer, in: book, by: sync(100_000, base: 2), at: begun) }
            _ = try records { try $0.move(customer, in: book, by: sync(176_400, base: 3), at: begun) }
            #expect(try finishes() == 1)
            _ = try records {
                try $0.move(
                    customer, in: book, by: sync(180_000, base: 4), at: begun.addingTimeInterval(9))
            }
            #expect(try finishes() == 1, "it is finished once")
            #expect(try records { try $0.position(of: customer, in: book) }.finishedAt == begun)
            _ = try records {
                try $0.undoMove(of: customer, in: book, ifVersion: 5, by: Self.phone, at: begun)
            }
            #expect(try finishes() == 0)
            #expect(try records { try $0.position(of: customer, in: book) }.finishedAt == nil)
        }
    }

    @Test func `a place outlives its edition`() throws {
        try listening { records, customer, book in
            let editor = try records { try $0.person("e") }
            let first = try records { try $0.position(of: customer, in: book) }.edition
            _ = try records { try $0.move(customer, in: book, by: sync(150_000, base: 0), at: begun) }
            try records { try $0.record(book, by: editor, durationMilliseconds: 240_000) }
            let longer = try records { try $0.position(of: customer, in: book) }
            #expect(longer.milliseconds == 150_000 && longer.durationMilliseconds == 240_000)
            #expect(longer.edition == first && longer.version == 1)
            try records { try $0.record(book, by: editor, durationMilliseconds: 90_000) }
            let shorter = try records { try $0.position(of: customer, in: book) }
            #expect(shorter.milliseconds == 90_000 && shorter.edition == first)
            let kept = try records { try $0.move(customer, in: book, by: sync(150_000, base: 1), at: begun) }
            #expect(kept == .kept(shorter), "its end is where the listener is")
            try records { try $0.record(book, by: editor, durationMilliseconds: 200_000) }
            _ = try records { try $0.move(customer, in: book, by: sync(160_000, base: 1), at: begun) }
            let moved = try records { try $0.position(of: customer, in: book) }
            #expect(moved.edition != first && moved.milliseconds == 160_000)
            #expect(try records { try $0.history(of: customer, in: book) }.items.map(\.version) == [2, 1])
        }
    }

    @Test func `the last five hundred lines are kept`() throws {
        try listening { records, customer, book in
            for version in 0..<510 {
                let place = version % 2 == 0 ? 1000 : 2000
                _ = try records {
                    try $0.move(
                        customer, in: book, by: Move(.seek, to: place, base: version, by: Self.phone),
                        at: begun)
                }
            }
            let count: Int? = try records { try $0.value("SELECT count(*) FROM listening.position_history") }
            let oldest: Int? = try records {
                try $0.value("SELECT min(version) FROM listening.position_history")
            }
            #expect(count == 500 && oldest == 11)
        }
    }

    @Test func `the schema knows too that a report never moves back`() throws {
        try listening { records, customer, book in
            _ = try records { try $0.move(customer, in: book, by: sync(100_000, base: 0), at: begun) }
            #expect(throws: PostgresError.self) {
                try records { try $0.run("UPDATE listening.position_history SET from_ms = to_ms + 1") }
            }
        }
    }
}
