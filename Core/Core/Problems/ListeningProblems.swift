// The table of refusals, as far as it is about what one may hear.
// `type` is for programs and is never renamed.

public import Bookshop
public import Lambda

extension AccessError: ProblemConvertible {
    public var problem: Problem {
        switch self {
        case .notEntitled: Problem(403, "not-entitled", "This book is not in your library: buy it first.")
        case .suspended: Problem(403, "suspended", "This book waits until its payment's dispute is settled.")
        case .revoked: Problem(403, "revoked", "This book was returned.")
        case .noSuchBook: .notFound
        }
    }
}

extension MoveError: ProblemConvertible {
    public var problem: Problem {
        switch self {
        case .position: .invalid("/positionMilliseconds", "0 to 1000000000")
        case .restartElsewhere: .invalid("/positionMilliseconds", "0, or nothing, with a restart")
        case .baseVersion: .invalid("/baseVersion", "the version that the device knew, which a sync needs")
        case .playedFrom:
            .invalid("/playedFromMilliseconds", "a place before positionMilliseconds, and with a sync alone")
        }
    }
}

extension MoveConflict: ProblemConvertible {
    public var problem: Problem {
        switch self {
        case .behind:
            Problem(
                409, "position-behind",
                "The listener is more than a minute further on: a sync never moves them back. Ask them, and seek."
            )
        case .movedMeanwhile:
            Problem(
                409, "position-moved",
                "The listener was moved since the version this was made on. Ask them, and seek.")
        }
    }
}

extension UndoError: ProblemConvertible {
    public var problem: Problem {
        switch self {
        case .nothingToUndo:
            Problem(409, "nothing-to-undo", "There is no move that was not taken back already.")
        case .movedMeanwhile: .stale
        }
    }
}

extension BookmarkError: ProblemConvertible {
    public var problem: Problem {
        switch self {
        case .position: .invalid("/positionMilliseconds", "0 to 1000000000")
        case .note: .invalid("/note", "at most \(Bookmark.Content.longestNote) characters")
        case .noSuchBookmark: .notFound
        case .deleted: Problem(410, "bookmark-deleted", "This bookmark was deleted: make another one.")
        case .tooMany:
            Problem(409, "too-many-bookmarks", "A book holds \(Bookmark.most) bookmarks of one customer.")
        case .exists: .preconditionRequired
        case .changedMeanwhile: .stale
        }
    }
}

extension ExportError: ProblemConvertible {
    public var problem: Problem {
        switch self {
        case .notAllowed:
            Problem(403, "export-not-allowed", "This book is not to be had as a file of that kind.")
        case .tooLarge: .notExportable("of at most \(Export.Format.mostBytes) bytes")
        case .tooLong:
            .notExportable(
                "of at most \(Export.Format.mostEncodedMilliseconds / 3_600_000) hours, where it has to be encoded"
            )
        case .repeated(let index): .invalid("/exports/\(index)", "each format once")
        }
    }
}

extension Problem {
    fileprivate static func notExportable(_ what: String) -> Problem {
        Problem(
            409, "not-exportable",
            "Only a recording \(what) is made one file: download its files as they are.")
    }
}
