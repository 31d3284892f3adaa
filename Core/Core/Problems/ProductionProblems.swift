// The table of refusals, as far as it is about what becomes of recordings.
// `type` is for programs and is never renamed.

public import Bookshop
public import Lambda

extension DeclarationError: ProblemConvertible {
    public var problem: Problem {
        switch self {
        case .empty: .invalid("/bytes", "at least 1")
        case .tooLarge(let most): .invalid("/bytes", "at most \(most)")
        case .mediaType:
            .invalid("/contentType", "one of \(DeclaredFile.mediaTypes.sorted().joined(separator: ", "))")
        case .checksum: .invalid("/sha256", "the SHA-256 of the file, as 64 hexadecimal digits")
        case .name: .invalid("/fileName", "1 to 255 characters")
        case .purpose: .invalid("/purpose", "recording or track of sound, and cover of a picture")
        case .partsOfPicture: .invalid("/parts", "nothing: a picture is sent whole")
        case .partBytes:
            .invalid(
                "/parts/bytes",
                "\(PartLayout.partSizes.lowerBound) to \(PartLayout.partSizes.upperBound)")
        case .partCount(let count): .invalid("/parts/sha256", "\(count) of them, one for each part")
        case .partChecksum(let index):
            .invalid("/parts/sha256/\(index)", "the SHA-256 of a part, as 64 hexadecimal digits")
        }
    }
}

extension UploadError: ProblemConvertible {
    public var problem: Problem {
        switch self {
        case .noSuchUpload: .notFound
        case .notVerifying(let state):
            Problem(409, "upload-ended", "This upload is \(state.rawValue) by now.")
        case .notInParts: Problem(409, "not-in-parts", "This file is sent whole: it has no parts.")
        }
    }
}

extension PartsError: ProblemConvertible {
    public var problem: Problem {
        switch self {
        case .count: .invalid("/numbers", "1 to \(DeclaredParts.mostWanted) of them")
        case .number(let index, let count): .invalid("/numbers/\(index)", "1 to \(count), each once")
        }
    }
}

extension RecordingError: ProblemConvertible {
    public var problem: Problem {
        switch self {
        case .none, .tooMany: .invalid("/uploadIds", "1 to \(RecordedFile.maximumCount) of them")
        case .track(let index):
            .invalid("/uploadIds/\(index)", "the id of a track of this book that you sent, each once")
        case .notReady(let uploads):
            Problem(
                409, "tracks-not-ready",
                "These are not ready, or will never be: \(uploads.map(\.description).joined(separator: ", "))."
            )
        case .tooLong: Problem(422, "too-long", "The recording is longer than a hundred hours.")
        }
    }
}

extension TranscriptError: ProblemConvertible {
    public var problem: Problem {
        switch self {
        case .noSuchBook, .noSuchTranscript, .noSuchChunk: .notFound
        case .noRecording: Problem(409, "no-recording", "This book has no recording yet: upload one first.")
        case .planOutsideTracks: .internal
        case .notReady: Problem(409, "no-transcript", "There is no finished transcript of this book yet.")
        case .notInReview(let state):
            Problem(409, "not-in-review", "This transcript is \(state.rawValue): there is nothing to judge.")
        }
    }
}

extension CorrectionError: ProblemConvertible {
    public var problem: Problem {
        switch self {
        case .noSuchSegment: .notFound
        case .changedMeanwhile: .stale
        }
    }
}

extension WindowTooLarge: ProblemConvertible {
    public var problem: Problem {
        Problem(
            422, "window-too-large",
            "This is more than one answer holds: ask for a chapter, or for an earlier end with `to`.")
    }
}

extension SummaryError: ProblemConvertible {
    public var problem: Problem {
        switch self {
        case .noSuchSummary, .noSuchChapter: .notFound
        case .notADraft(let state): Problem(409, "not-a-draft", "This summary is \(state.rawValue).")
        case .noTranscript: Problem(409, "no-transcript", "There is no finished transcript of this book yet.")
        }
    }
}
