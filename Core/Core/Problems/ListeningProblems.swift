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
