// The table of refusals, as far as it is about prices, chapters and the shelves books stand on. `type` is for
// programs and is never renamed.

public import Bookshop
public import Lambda

extension PriceError: ProblemConvertible {
    public var problem: Problem {
        switch self {
        case .noSuchPrice: .notFound
        case .past: .invalid("/from", "a moment that is not past, or nothing for now")
        case .endsBeforeItBegins: .invalid("/until", "a moment after it begins")
        case .overlaps:
            Problem(
                409, "price-overlaps",
                "There is another sale at that time, or a price would be hidden by a sale for good.")
        case .begun: Problem(409, "price-begun", "This price has begun: set another from now on instead.")
        }
    }
}

extension ChapterError: ProblemConvertible {
    public var problem: Problem {
        switch self {
        case .none, .tooMany: .invalid("/chapters", "1 to \(Chapter.maximumCount) chapters")
        case .title(let index): .invalid("/chapters/\(index)/title", "a line of 1 to 500 characters")
        case .start(let index, let expected):
            .invalid("/chapters/\(index)/startMilliseconds", "\(expected), for chapters leave no gap")
        case .tooShort(let index):
            .invalid(
                "/chapters/\(index)/endMilliseconds",
                "at least \(Chapter.minimumMilliseconds) milliseconds after its beginning")
        case .end(let index, let expected):
            .invalid("/chapters/\(index)/endMilliseconds", "\(expected), where the recording ends")
        }
    }
}

extension ShelfError: ProblemConvertible {
    public var problem: Problem {
        switch self {
        case .name(let longest): .invalid("/name", "a line of 1 to \(longest) characters")
        case .sortName: .invalid("/sortName", "a line of 1 to 201 characters")
        case .distinction: .invalid("/distinction", "a line of at most 200 characters")
        case .biography: .invalid("/biography", "at most 5000 characters")
        case .description: .invalid("/description", "at most 5000 characters")
        case .position: .invalid("/position", "-1,000,000 to 1,000,000")
        case .noSuchParent: .invalid("/parentId", "the id of a category that is there, or null")
        case .slugTaken: Problem(409, "slug-taken", "Another has this name in addresses.")
        case .nameTaken:
            Problem(409, "name-taken", "Another has this name: tell them apart by a distinction.")
        case .notATree: Problem(409, "not-a-tree", "A category is not below itself, and at most eight deep.")
        case .inUse: Problem(409, "category-in-use", "There are books in it, or categories below it.")
        case .noSuchEntry: .notFound
        case .changedMeanwhile: .stale
        }
    }
}
