// The table of refusals, as far as it is about what editors do to the catalogue. `type` is for programs and
// is never renamed.

public import Bookshop
public import Lambda

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
        case .notErasable:
            Problem(
                409, "not-erasable",
                "Only a book that never was on sale is erased. Archive this one: who owns it keeps it.")
        case .noRecording: Problem(409, "no-recording", "This book has no recording yet: upload one first.")
        case .sampleOutside:
            .invalid("/startMilliseconds", "a moment at least a second before the recording ends")
        }
    }
}

extension DescriptionError: ProblemConvertible {
    public var problem: Problem {
        switch self {
        case .title: .invalid("/title", "a line of 1 to 300 characters")
        case .subtitle: .invalid("/subtitle", "a line of 1 to 300 characters, or null")
        case .description: .invalid("/description", "at most 20,000 characters")
        case .isbn13: .invalid("/isbn13", "the 13 digits of an ISBN, of which the last checks the others")
        case .name(let index): .invalid("/people/\(index)/name", "a line of 1 to 200 characters")
        case .label(let index): .invalid("/series/\(index)/label", "a line of 1 to 30 characters")
        case .tooMany(let list): .invalid("/\(list.rawValue)", "at most \(list.most)")
        case .repeated(let list, let index):
            .invalid("/\(list.rawValue)/\(index)", "one that was not named before")
        case .unknown(let list, let index):
            .invalid("/\(list.rawValue)/\(index)/id", "the id of one that is there")
        case .isbnTaken: Problem(409, "isbn-taken", "Another book has this ISBN.")
        }
    }
}

extension DescriptionError.List {
    fileprivate var most: Int {
        switch self {
        case .people: BookDescription.maximumPeople
        case .series: BookDescription.maximumSeries
        case .categories: BookDescription.maximumCategories
        }
    }
}

extension MoneyError: ProblemConvertible {
    public var problem: Problem {
        switch self {
        case .outOfRange: .invalid("/price/minorUnits", "0 to \(Money.maximumMinorUnits)")
        case .notAMultiple(let multiple):
            .invalid("/price/minorUnits", "a multiple of \(multiple) in this currency")
        case .belowMinimum(let least):
            .invalid("/price/minorUnits", "0, or at least \(least) in this currency")
        }
    }
}
