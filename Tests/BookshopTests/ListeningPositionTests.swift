import Bookshop
import Foundation
import Testing

/// Where a listener is, and what of all that devices tell may move them.
@Suite struct ListeningPositionTests {
    private static let phone = Device(id: "phone", name: "Ada's phone")!
    private static let tablet = Device(id: "tablet", name: nil)!

    /// Version 7 at twenty minutes of an hour; the listener chose a place in version 5.
    private func position(
        _ milliseconds: Int = 1_200_000, last: Move.Kind = .sync, by device: Device = phone
    ) -> ListeningPosition {
        ListeningPosition(
            audiobook: Audiobook.ID(), edition: Edition.ID(), milliseconds: milliseconds,
            durationMilliseconds: 3_600_000, version: 7, chosenVersion: 5,
            last: .init(kind: last, device: device, at: Date(timeIntervalSince1970: 0)), finishedAt: nil)
    }

    private static let reports: [(to: Int, base: Int, MoveVerdict)] = [
        (1_200_001, 7, .moves(to: 1_200_001)), (1_200_001, 5, .moves(to: 1_200_001)),
        (3_600_000, 6, .moves(to: 3_600_000)), (3_600_001, 6, .moves(to: 3_600_000)),
        // The very place, and up to a minute behind it.
        (1_200_000, 7, .keeps), (1_199_999, 7, .keeps), (1_140_000, 5, .keeps),
        (1_139_999, 7, .conflicts(.behind)), (0, 7, .conflicts(.behind)), (0, 5, .conflicts(.behind)),
        // Made without knowing of the listener's choice, or on a version that never was.
        (1_200_001, 4, .conflicts(.movedMeanwhile)), (1_200_000, 0, .conflicts(.movedMeanwhile)),
        (0, 4, .conflicts(.movedMeanwhile)), (1_200_001, 8, .conflicts(.movedMeanwhile)),
    ]

    @Test(arguments: reports)
    func `a report never moves back, and never over a choice it did not know of`(
        to: Int, base: Int, expected: MoveVerdict
    ) throws {
        let move = try Move(.sync, to: to, base: base, by: Self.tablet)
        #expect(position().verdict(on: move) == expected)
    }

    private static let choices: [(Move.Kind, to: Int?, base: Int?, MoveVerdict)] = [
        (.seek, 0, 7, .moves(to: 0)), (.seek, 0, nil, .moves(to: 0)), (.restart, nil, 7, .moves(to: 0)),
        (.restart, 0, nil, .moves(to: 0)), (.seek, 9_999_999, 7, .moves(to: 3_600_000)),
        (.seek, 0, 6, .conflicts(.movedMeanwhile)), (.restart, nil, 6, .conflicts(.movedMeanwhile)),
        (.seek, 0, 8, .conflicts(.movedMeanwhile)),
        // There by a report, but not yet by choice.
        (.seek, 1_200_000, 7, .moves(to: 1_200_000)),
    ]

    @Test(arguments: choices)
    func `a choice moves anywhere, on the version it names if it names one`(
        kind: Move.Kind, to: Int?, base: Int?, expected: MoveVerdict
    ) throws {
        let move = try Move(kind, to: to, base: base, by: Self.phone)
        #expect(position().verdict(on: move) == expected)
    }

    @Test func `a choice that is sent again is known, and is another device's own otherwise`() throws {
        let there = position(600_000, last: .seek, by: Self.phone)
        func verdict(_ device: Device, _ to: Int, base: Int?) throws -> MoveVerdict {
            there.verdict(on: try Move(.seek, to: to, base: base, by: device))
        }
        #expect(try verdict(Self.phone, 600_000, base: 6) == .keeps)
        #expect(try verdict(Self.phone, 600_001, base: 6) == .conflicts(.movedMeanwhile))
        #expect(try verdict(Self.tablet, 600_000, base: 6) == .conflicts(.movedMeanwhile))
        #expect(try verdict(Self.tablet, 600_000, base: nil) == .moves(to: 600_000))
    }

    @Test func `a place beyond the end of a shorter edition is its end`() {
        #expect(position(5_000_000).milliseconds == 3_600_000)
    }

    @Test func `the credits are not waited for`() {
        #expect(position().isEnd(3_540_000) && !position().isEnd(3_539_999))
        let short = ListeningPosition(
            audiobook: Audiobook.ID(), edition: Edition.ID(), milliseconds: 0, durationMilliseconds: 50_000,
            version: 0, chosenVersion: 0, last: nil, finishedAt: nil)
        #expect(short.isEnd(49_000) && !short.isEnd(48_999))
    }

    @Test func `what a device tells is checked`() throws {
        func refusal(
            _ kind: Move.Kind, to: Int?, base: Int? = nil, playedFrom: Int? = nil
        ) -> MoveError? {
            do { _ = try Move(kind, to: to, base: base, by: Self.phone, playedFrom: playedFrom) } catch {
                return error
            }
            return nil
        }
        #expect(refusal(.sync, to: nil, base: 0) == .position)
        #expect(refusal(.sync, to: -1, base: 0) == .position)
        #expect(refusal(.seek, to: 1_000_000_001) == .position && refusal(.seek, to: 1_000_000_000) == nil)
        #expect(refusal(.sync, to: 5) == .baseVersion && refusal(.sync, to: 5, base: -1) == .baseVersion)
        #expect(refusal(.restart, to: 5) == .restartElsewhere && refusal(.restart, to: nil) == nil)
        #expect(refusal(.sync, to: 5, base: 0, playedFrom: 6) == .playedFrom)
        #expect(refusal(.sync, to: 5, base: 0, playedFrom: -1) == .playedFrom)
        #expect(refusal(.sync, to: 5, base: 0, playedFrom: 5) == nil)
        #expect(refusal(.seek, to: 5, playedFrom: 1) == .playedFrom)
    }

    @Test func `a device has an id, and a name if it likes`() {
        let long = String(repeating: "é", count: 100)
        #expect(Device(id: long, name: long) != nil && Device(id: long + "x", name: nil) == nil)
        #expect(Device(id: "", name: nil) == nil && Device(id: "x", name: "") == nil)
        #expect(Device(id: "a\0b", name: nil) == nil)
    }
}
