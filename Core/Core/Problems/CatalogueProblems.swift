// The table of refusals, as far as it is about what editors do to the catalogue.
// `type` is for programs and is never renamed.

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
        }
    }
}

extension DescriptionError: ProblemConvertible {
    public var problem: Problem {
        switch self {
        case .title(let length): .invalid("/title", "1 to 300 characters, not \(length)")
        case .subtitle(let length): .invalid("/subtitle", "1 to 300 characters, not \(length)")
        case .description(let length): .invalid("/description", "at most 20,000 characters, not \(length)")
        case .tooManyPeople: .invalid("/people", "at most \(BookDescription.maximumPeople) people")
        case .name(let length): .invalid("/people", "names of 1 to 200 characters, not \(length)")
        case .namedTwice(let credit): .invalid("/people", "one \(credit.role.rawValue) is named twice")
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
