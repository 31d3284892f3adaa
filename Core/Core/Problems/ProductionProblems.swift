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
        }
    }
}

extension UploadError: ProblemConvertible {
    public var problem: Problem {
        switch self {
        case .noSuchUpload: .notFound
        case .notVerifying(let state):
            Problem(409, "upload-ended", "This upload is \(state.rawValue) by now.")
        }
    }
}

extension TranscriptError: ProblemConvertible {
    public var problem: Problem {
        switch self {
        case .noSuchBook, .noSuchTranscript: .notFound
        case .noRecording: Problem(409, "no-recording", "This book has no recording yet: upload one first.")
        case .planOutsideTracks: .internal
        }
    }
}

extension SummaryError: ProblemConvertible {
    public var problem: Problem {
        switch self {
        case .noSuchSummary: .notFound
        case .notADraft(let state): Problem(409, "not-a-draft", "This summary is \(state.rawValue).")
        case .noTranscript: Problem(409, "no-transcript", "There is no finished transcript to sum up yet.")
        }
    }
}
