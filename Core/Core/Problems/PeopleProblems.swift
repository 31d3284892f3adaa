// The table of refusals, as far as it is about people and their accounts. `type` is for programs and is never
// renamed.

public import Bookshop
public import Lambda

extension AccountError: ProblemConvertible {
    public var problem: Problem { .invalidToken }
}

extension PersonError: ProblemConvertible {
    public var problem: Problem {
        switch self {
        case .noSuchPerson: .notFound
        case .changedMeanwhile: .stale
        case .forbidden: .forbidden
        case .erased: Problem(409, "person-erased", "This account was given up: it has no roles any more.")
        case .ownRole:
            Problem(
                409, "own-admin-role", "Another admin must take this role from you, so that there is one.")
        case .lastAdmin:
            Problem(409, "last-admin", "You are the only admin: make somebody else one first.")
        case .unsettled(.orderPending):
            Problem(
                409, "account-unsettled",
                "An order of yours is still being paid: pay it, or cancel it, first.")
        case .unsettled(.disputeOpen):
            Problem(
                409, "account-unsettled",
                "A payment of yours is disputed at your bank: the account can be given up when that is decided."
            )
        }
    }
}

extension PreferenceError: ProblemConvertible {
    public var problem: Problem {
        switch self {
        case .speed: .invalid("/speed", "0.5 to 3.5, in steps of 0.05")
        case .skipBack: .invalid("/skipBackSeconds", "5 to 120")
        case .skipForward: .invalid("/skipForwardSeconds", "5 to 120")
        }
    }
}
