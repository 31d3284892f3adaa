// The table of refusals, as far as it is about requests that cannot be understood. `type` is for programs and is
// never renamed.

public import Bookshop
public import Lambda

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

extension Problem {
    static func tooManyRequests(after seconds: Int) -> Problem {
        Problem(
            429, "too-many-requests", "This was asked for too often. Please try again after a while.",
            headers: ["retry-after": String(seconds)])
    }

    /// A fault of whoever runs the shop: what was told now is to be told again.
    public static let webhookUnconfigured = Problem(
        503, "webhook-unconfigured", "This endpoint has no signing secret.", headers: ["retry-after": "60"])

    /// The address is known, and by other methods alone.
    public static func methodNotAllowed(knowing methods: [String]) -> Problem {
        let allowed = methods.joined(separator: ", ")
        return Problem(
            405, "method-not-allowed", "Here one may ask by: \(allowed).", headers: ["allow": allowed])
    }

    /// A member of the body that has the right shape and a wrong value, by its JSON pointer (RFC 6901).
    public static func invalid(_ pointer: String, _ expected: String) -> Problem {
        Problem(
            422, "invalid-value", "\(pointer.dropFirst()): expected \(expected).",
            errors: [FieldError(pointer: pointer, expected)])
    }
}
