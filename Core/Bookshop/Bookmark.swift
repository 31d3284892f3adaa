public import FoundationEssentials

/// A place in a book that a customer wants to find again, and perhaps why.
public struct Bookmark: Hashable, Sendable {
    public typealias ID = Identifier<Bookmark>

    public let id: ID
    public let audiobook: Audiobook.ID
    public let milliseconds: Int
    public let note: String
    public let version: Int
    public let createdAt: Date
    public let changedAt: Date

    public init(
        id: ID, audiobook: Audiobook.ID, milliseconds: Int, note: String, version: Int, createdAt: Date,
        changedAt: Date
    ) {
        (self.id, self.audiobook, self.milliseconds, self.note) = (id, audiobook, milliseconds, note)
        (self.version, self.createdAt, self.changedAt) = (version, createdAt, changedAt)
    }

    /// In one book of one customer.
    public static let most = 1000

    /// What it says.
    public struct Content: Hashable, Sendable {
        public let milliseconds: Int
        public let note: String

        public static let longestNote = 2000

        public init(milliseconds: Int, note: String) throws(BookmarkError) {
            guard (0...1_000_000_000).contains(milliseconds) else { throw .position }
            guard note.unicodeScalars.count <= Self.longestNote, !note.utf8.contains(0) else { throw .note }
            (self.milliseconds, self.note) = (milliseconds, note)
        }
    }
}

/// Why a bookmark is not made or changed.
public enum BookmarkError: Error, Equatable {
    case position
    case note
    case noSuchBookmark
    /// One that was deleted does not come back by a device that had not heard of it.
    case deleted
    case tooMany
    /// There is another under this name: a change says which version it was made on.
    case exists
    case changedMeanwhile
}
