// The table of refusals, as far as it is about what others, or the database, do not answer. `type` is for programs and
// is never renamed.

public import Bookshop
public import Lambda
public import Postgres

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
