// The one table of refusals: every error that is part of the API. `type` is for programs and is never
// renamed.

public import Bookshop
public import Lambda
public import Postgres

extension CatalogueError: ProblemConvertible {
    public var problem: Problem {
        switch self {
        case .noSuchBook: .notFound
        case .changedMeanwhile: .stale
        case .cannotPublish(let gaps):
            Problem(
                409, "not-publishable",
                "Before it can be sold it needs: \(gaps.map(\.rawValue).sorted().joined(separator: ", ")).")
        case .illegalTransition(let from, let to):
            Problem(409, "illegal-transition", "What is \(from.rawValue) does not become \(to.rawValue).")
        }
    }
}

extension DescriptionError: ProblemConvertible {
    public var problem: Problem {
        switch self {
        case .title(let length): field("/title", "1 to 300 characters, not \(length)")
        case .subtitle(let length): field("/subtitle", "1 to 300 characters, not \(length)")
        case .description(let length): field("/description", "at most 20,000 characters, not \(length)")
        case .tooManyPeople: field("/people", "at most \(BookDescription.maximumPeople) people")
        case .name(let length): field("/people", "names of 1 to 200 characters, not \(length)")
        case .namedTwice(let credit): field("/people", "one \(credit.role.rawValue) is named twice")
        }
    }
}

extension MoneyError: ProblemConvertible {
    public var problem: Problem {
        switch self {
        case .outOfRange: field("/price/minorUnits", "0 to \(Money.maximumMinorUnits)")
        case .notAMultiple(let multiple):
            field("/price/minorUnits", "a multiple of \(multiple) in this currency")
        case .belowMinimum(let least): field("/price/minorUnits", "0, or at least \(least) in this currency")
        }
    }
}

extension DeclarationError: ProblemConvertible {
    public var problem: Problem {
        switch self {
        case .empty: field("/bytes", "at least 1")
        case .tooLarge(let most): field("/bytes", "at most \(most)")
        case .mediaType:
            field("/contentType", "one of \(DeclaredFile.mediaTypes.sorted().joined(separator: ", "))")
        case .checksum: field("/sha256", "the SHA-256 of the file, as 64 hexadecimal digits")
        case .name: field("/fileName", "1 to 255 characters")
        }
    }
}

private func field(_ pointer: String, _ expected: String) -> Problem {
    Problem(
        422, "invalid-value", "\(pointer.dropFirst()): expected \(expected).",
        errors: [FieldError(pointer: pointer, expected)])
}

extension CartError: ProblemConvertible {
    public var problem: Problem {
        switch self {
        case .noSuchBook: .notFound
        case .notOnSale: Problem(409, "not-on-sale", "This book is not sold at present.")
        case .alreadyOwned: Problem(409, "already-owned", "This book is in your library already.")
        case .full: Problem(409, "cart-full", "A cart holds at most \(Cart.maximumItems) books.")
        }
    }
}

extension CheckoutError: ProblemConvertible {
    public var problem: Problem {
        switch self {
        case .emptyCart: Problem(409, "empty-cart", "There is nothing in the cart.")
        case .notOnSale(let books):
            Problem(
                409, "not-on-sale", "\(books.count) of these are no longer sold: take them out of the cart.")
        case .mixedCurrencies: Problem(409, "mixed-currencies", "One order has one currency.")
        case .alreadyOwned(let books):
            Problem(409, "already-owned", "\(books.count) of these are in your library already.")
        case .belowMinimum(let least):
            Problem(409, "below-minimum", "The least that can be paid is \(least).")
        case .tooMuch: Problem(409, "too-much", "This is more than one order can hold: order in two.")
        }
    }
}

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

extension IdempotencyKeyReused: ProblemConvertible {
    public var problem: Problem {
        Problem(
            422, "idempotency-key-reused",
            "This Idempotency-Key was used for another request: send a new one.")
    }
}

extension ForeignCursor: ProblemConvertible {
    public var problem: Problem {
        Query.refusal(of: "cursor", "It belongs to another list or another sorting.")
    }
}

/// Somebody else's outage. It is told as ours to mend by waiting, and never in their words.
extension OutsideFailure: ProblemConvertible {
    public var problem: Problem {
        switch kind {
        case .throttled(let seconds): unavailable(after: seconds)
        case .unavailable, .undecided: unavailable(after: 5)
        case .refused:
            Problem(502, "outside-refused", "A service the shop relies on refused this. It has been logged.")
        }
    }

    private func unavailable(after seconds: Int) -> Problem {
        Problem(
            503, "outside-unavailable", "A service the shop relies on does not answer. Please try again.",
            headers: ["retry-after": String(max(1, seconds))])
    }
}

extension PostgresError: ProblemConvertible {
    /// An outage may be waited out; everything else is our own mistake.
    public var problem: Problem {
        switch kind {
        case .connection, .timeout, .undecided:
            Problem(
                503, "database-unavailable", "The shop's records cannot be reached. Please try again.",
                headers: ["retry-after": "2"])
        default: .internal
        }
    }
}
