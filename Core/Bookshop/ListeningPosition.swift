public import FoundationEssentials

/// Where a customer is in a book: one place for all their devices. Its version orders what the devices tell,
/// for their clocks may say anything.
public struct ListeningPosition: Hashable, Sendable {
    public let audiobook: Audiobook.ID
    /// The edition in whose time the place was told.
    public let edition: Edition.ID
    /// Never beyond the end of what the book plays now, whatever edition it was told of.
    public let milliseconds: Int
    /// How long the book is now.
    public let durationMilliseconds: Int
    public let version: Int
    /// The last version that the listener chose, by seeking, restarting or undoing.
    public let chosenVersion: Int
    /// The last move; none while nothing was told.
    public let last: Told?
    public let finishedAt: Date?

    /// How the place came to be, by what and when.
    public struct Told: Hashable, Sendable {
        public let kind: Move.Kind
        public let device: Device
        public let at: Date

        public init(kind: Move.Kind, device: Device, at: Date) {
            (self.kind, self.device, self.at) = (kind, device, at)
        }
    }

    public init(
        audiobook: Audiobook.ID, edition: Edition.ID, milliseconds: Int, durationMilliseconds: Int,
        version: Int, chosenVersion: Int, last: Told?, finishedAt: Date?
    ) {
        (self.audiobook, self.edition) = (audiobook, edition)
        (self.milliseconds, self.durationMilliseconds) = (
            min(milliseconds, durationMilliseconds), durationMilliseconds
        )
        (self.version, self.chosenVersion) = (version, chosenVersion)
        (self.last, self.finishedAt) = (last, finishedAt)
    }

    /// How far behind a device may be without its being worth a question: players step back a little after a
    /// pause, and two devices tell of the same minute.
    public static let overlapMilliseconds = 60_000

    /// What becomes of a move.
    ///
    /// A report (`sync`) never moves the listener back. What is at most a minute behind is kept where it is;
    /// what is farther behind is refused, so that the device can ask its listener. And a report that was made
    /// without knowing of a place the listener chose meanwhile counts for nothing, however far it is. Only what
    /// the listener chooses (`seek`, `restart`) moves back; on condition, if the device says on which.
    public func verdict(on move: Move) -> MoveVerdict {
        let target = min(move.milliseconds, durationMilliseconds)
        guard move.kind == .sync else {
            // Said again, because the answer was lost.
            if let last, last.kind == move.kind, last.device.id == move.device.id, target == milliseconds {
                return .keeps
            }
            if let base = move.base, base != version { return .conflicts(.movedMeanwhile) }
            return .moves(to: target)
        }
        guard let base = move.base, (chosenVersion...version).contains(base) else {
            return .conflicts(.movedMeanwhile)
        }
        if target > milliseconds { return .moves(to: target) }
        return milliseconds - target <= Self.overlapMilliseconds ? .keeps : .conflicts(.behind)
    }

    /// The credits are not waited for: what is in its last minute, or its last fiftieth, is heard to the end.
    public func isEnd(_ milliseconds: Int) -> Bool {
        milliseconds >= durationMilliseconds - min(60_000, durationMilliseconds / 50)
    }
}

public enum MoveVerdict: Hashable, Sendable {
    case moves(to: Int)
    /// Nothing is to be done: the listener is there, or less than a minute further on.
    case keeps
    case conflicts(MoveConflict)
}

/// Why a listener is asked before they are moved.
public enum MoveConflict: Hashable, Sendable {
    /// They are more than a minute further on.
    case behind
    /// They were moved meanwhile, and the device did not know.
    case movedMeanwhile
}

/// Something that plays books. Its id is its own invention, and means something to one customer alone.
public struct Device: Hashable, Sendable {
    public let id: String
    public let name: String?

    public init?(id: String, name: String?) {
        func isFit(_ text: String) -> Bool {
            (1...100).contains(text.unicodeScalars.count) && !text.utf8.contains(0)
        }
        guard isFit(id), name.map(isFit) ?? true else { return nil }
        (self.id, self.name) = (id, name)
    }
}

/// Why what a device tells is not understood.
public enum MoveError: Error, Equatable {
    case position
    /// A restart goes to the beginning.
    case restartElsewhere
    /// A report says on which version it was made.
    case baseVersion
    /// Only a report tells of playing, and playing ends where it tells.
    case playedFrom
}

/// What a device tells of its listener's place, checked.
public struct Move: Hashable, Sendable {
    public enum Kind: String, CaseIterable, Codable, Sendable {
        /// The device reports how far it has played.
        case sync
        /// The listener chose the place.
        case seek
        case restart
        /// The listener took a move back. No device tells it as a move.
        case undo
    }

    public let kind: Kind
    public let milliseconds: Int
    /// The version the device knew. One that chooses may do so whatever the version is.
    public let base: Int?
    public let device: Device
    /// Where the playing that is reported began.
    public let playedFrom: Int?

    /// Longer than any recording that is taken.
    private static let farthest = 0...1_000_000_000

    public init(
        _ kind: Kind, to milliseconds: Int?, base: Int?, by device: Device, playedFrom: Int? = nil
    ) throws(MoveError) {
        precondition(kind != .undo, "a move is undone by its version")
        let target = kind == .restart ? milliseconds ?? 0 : milliseconds
        guard let target, Self.farthest.contains(target) else { throw .position }
        guard kind != .restart || target == 0 else { throw .restartElsewhere }
        if let base, base < 0 { throw .baseVersion }
        guard kind != .sync || base != nil else { throw .baseVersion }
        if let playedFrom {
            guard kind == .sync, Self.farthest.contains(playedFrom), playedFrom <= target else {
                throw .playedFrom
            }
        }
        (self.kind, self.milliseconds) = (kind, target)
        (self.base, self.device, self.playedFrom) = (base, device, playedFrom)
    }
}

/// One line of what became of a listener's place.
public struct PastMove: Hashable, Sendable {
    /// The last version of a stretch of playing, or that of a choice.
    public let version: Int
    public let kind: Move.Kind
    public let fromMilliseconds: Int
    public let toMilliseconds: Int
    public let device: Device
    public let beganAt: Date
    public let at: Date
    public let isUndone: Bool

    public init(
        version: Int, kind: Move.Kind, fromMilliseconds: Int, toMilliseconds: Int, device: Device,
        beganAt: Date, at: Date, isUndone: Bool
    ) {
        (self.version, self.kind, self.device) = (version, kind, device)
        (self.fromMilliseconds, self.toMilliseconds) = (fromMilliseconds, toMilliseconds)
        (self.beganAt, self.at, self.isUndone) = (beganAt, at, isUndone)
    }
}

/// Why a move is not taken back.
public enum UndoError: Error, Equatable {
    case nothingToUndo
    /// The place was moved since the listener saw it.
    case movedMeanwhile
}
