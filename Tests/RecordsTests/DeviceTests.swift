import Bookshop
import Foundation
import Postgres
import Records
import Synchronization
import TestSupport
import Testing

/// Two devices of one listener, a thousand rounds, each begun at one line: with clocks that lie, days offline, places
/// the listener chose, and answers that are lost.
@Suite struct DeviceTests {
    private static let rounds = 1000

    /// What a device tells, and on which version it was told.
    private struct Accepted: Sendable {
        let kind: Move.Kind
        let base: Int
        let version: Int
    }

    @Test func `nobody is silently moved back, and what the listener chose wins`() throws {
        try withDatabase { database in
            let (customer, book) = try database.connect().transaction { transaction in
                let editor = try transaction.person("e", .editor)
                let book = try transaction.draft("Emma", by: editor)
                try transaction.record(book, by: editor, durationMilliseconds: 360_000_000)
                return (try transaction.person("c"), book)
            }
            let line = RoundLine(of: 2)
            let both = atOnce(2) { index, start in
                var player = try Player(index, customer, book, database)
                start.wait()
                for round in 0..<Self.rounds {
                    line.wait()
                    try? player.play(round)
                    line.wait()
                    if index == 0 { try player.hold(round) }
                    line.wait()
                }
                return player
            }
            let players = try both.successes()
            #expect(players.flatMap(\.failures) == [])
            try database.connect().transaction { transaction in
                try judge(players.flatMap(\.accepted), try transaction.allMoves(of: customer, in: book))
            }
        }
    }

    /// Every line begins where the one before ended, no report goes back, and no report that counted was made
    /// before a choice that came before it.
    private func judge(_ accepted: [Accepted], _ moves: [PastMove]) throws {
        for (earlier, later) in zip(moves, moves.dropFirst()) {
            #expect(later.fromMilliseconds == earlier.toMilliseconds, "version \(later.version)")
            #expect(later.kind != .sync || later.toMilliseconds >= later.fromMilliseconds)
        }
        let choices = accepted.filter { $0.kind != .sync }.map(\.version)
        for report in accepted where report.kind == .sync {
            #expect(!choices.contains { report.base < $0 && $0 < report.version }, "\(report)")
        }
        #expect(accepted.count > Self.rounds / 4 && choices.count > Self.rounds / 100, "little was tried")
        #expect(Set(accepted.map(\.version)).count == accepted.count, "two moves of one version")
    }

    /// A device: what it knows of the place, and how it plays.
    private struct Player: Sendable {
        let device: Device
        let customer: Customer.ID
        let book: Audiobook.ID
        let database: TestDatabase
        var random: Seeded
        var version = 0
        var place = 0
        var roundsOffline = 0
        var choice: Move.Kind?
        var accepted: [Accepted] = []
        var failures: [String] = []
        var highest = (place: 0, chosen: 0)

        init(
            _ index: Int, _ customer: Customer.ID, _ book: Audiobook.ID, _ database: TestDatabase
        ) throws {
            device = try #require(Device(id: "device-\(index)", name: nil))
            (self.customer, self.book, self.database) = (customer, book, database)
            random = Seeded(state: UInt64(index + 1) &* 0x9E37_79B9_7F4A_7C15)
        }

        /// Plays, may choose, and tells of it unless it is offline.
        mutating func play(_ round: Int) throws {
            if random.percent(3) { choice = .restart } else if random.percent(5) { choice = .seek }
            switch choice {
            case .restart: place = 0
            case .seek: place = Int.random(in: 0...(place + 600_000), using: &random)
            default: break
            }
            let heardFrom = place
            place += Int.random(in: 0...90_000, using: &random)
            if roundsOffline > 0 { return roundsOffline -= 1 }
            if random.percent(10) { roundsOffline = Int.random(in: 1...8, using: &random) }
            do {
                if let kind = choice {
                    // A restart is meant whatever was before; a seek only on what the listener saw.
                    let base = kind == .restart ? nil : version
                    try tell(Move(kind, to: kind == .restart ? 0 : heardFrom, base: base, by: device))
                    choice = nil
                }
                if place > 0 {
                    try tell(
                        Move(.sync, to: place, base: version, by: device, playedFrom: min(heardFrom, place)))
                }
            } catch { failures.append("round \(round): \(error)") }
        }

        private mutating func tell(_ move: Move) throws {
            // Each function's clock is its own, and each device's lies by days.
            let now = Date(timeIntervalSince1970: 1_800_000_000 + Double(random.next() % 172_800))
            let connection = Self.connection(database)
            let outcome = try connection.transaction(.readCommitted) {
                try $0.move(customer, in: book, by: move, at: now)
            }
            // One answer in twenty is lost, and the same is told again.
            if random.percent(5) {
                let again = try connection.transaction(.readCommitted) {
                    try $0.move(customer, in: book, by: move, at: now)
                }
                // What names no version is meant whatever was before, the other device's move included.
                if move.base != nil, case .moved = again, case .moved = outcome {
                    failures.append("twice: \(move)")
                }
            }
            switch outcome {
            case .moved(let position):
                if position.milliseconds != move.milliseconds { failures.append("moved elsewhere: \(move)") }
                accepted.append(
                    Accepted(kind: move.kind, base: move.base ?? version, version: position.version))
                version = position.version
            case .kept(let position):
                if position.milliseconds < move.milliseconds { failures.append("kept back: \(move)") }
                version = position.version
            case .conflict(_, let position):
                // The listener is asked, and goes where they were.
                (version, place) = (position.version, position.milliseconds)
            }
        }

        /// Between rounds: the place is not farther back than it was, unless somebody chose it.
        mutating func hold(_ round: Int) throws {
            let position = try Self.connection(database).transaction {
                try $0.position(of: customer, in: book)
            }
            if position.chosenVersion == highest.chosen, position.milliseconds < highest.place {
                failures.append("round \(round): silently back to \(position.milliseconds)")
            }
            highest = (position.milliseconds, position.chosenVersion)
        }

        /// One for each thread: a connection is nobody else's.
        private static func connection(_ database: TestDatabase) -> Connection {
            let thread = Thread.current
            if let known = thread.threadDictionary["connection"] as? Connection { return known }
            let made = database.connect(as: "library")
            thread.threadDictionary["connection"] = made
            return made
        }
    }
}

extension Transaction {
    /// All that is kept, the first first.
    fileprivate func allMoves(of customer: Customer.ID, in book: Audiobook.ID) throws -> [PastMove] {
        var moves: [PastMove] = []
        var cursor: Cursor?
        repeat {
            let page = try history(of: customer, in: book, after: cursor, size: PageSize(rawValue: 100)!)
            moves += page.items
            cursor = page.next
        } while cursor != nil
        return moves.reversed()
    }
}

/// SplitMix64: the same numbers each time.
private struct Seeded: RandomNumberGenerator, Sendable {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }

    mutating func percent(_ chance: UInt64) -> Bool { next() % 100 < chance }
}
