/// What went wrong between us and the database. It carries names (of states, constraints, columns) and never
/// a value: errors end in logs, values are people's.
public struct PostgresError: Error, Equatable, Sendable {
    public enum Kind: Equatable, Sendable {
        /// The server was not reached, refused us, or hung up. Nothing of the transaction is kept.
        case connection
        /// Our own time was up. Nothing of the transaction is kept.
        case timeout
        /// The server refused a statement; `state` says why.
        case statement
        /// A row is not what the code that reads it expects.
        case decoding
        /// A value has no form that Postgres can store, such as a text with a NUL in it.
        case encoding
        /// COMMIT was sent and answered by ROLLBACK: an earlier error had been caught and passed over.
        case rolledBack
        /// COMMIT was sent and its answer never came: the transaction is kept, or it is not. Look it up
        /// under its natural key before doing it again.
        case undecided
    }

    public let kind: Kind
    public let state: SQLState?
    /// The name of the constraint that refused the statement.
    public let constraint: String?
    public let reason: String
    /// Where in the statement the server saw the error, in characters from 1.
    let position: Int?

    init(
        _ kind: Kind, state: SQLState? = nil, constraint: String? = nil, position: Int? = nil,
        _ reason: String
    ) {
        (self.kind, self.state, self.constraint) = (kind, state, constraint)
        (self.position, self.reason) = (position, reason)
    }
}

extension PostgresError: CustomStringConvertible {
    public var description: String {
        [state?.rawValue, reason, constraint.map { "(constraint \($0))" }].compactMap { $0 }.joined(
            separator: " ")
    }
}

/// The five characters by which Postgres tells errors apart (PostgreSQL 15, appendix A).
public struct SQLState: RawRepresentable, Hashable, Sendable {
    public let rawValue: String
    public init(rawValue: String) { self.rawValue = rawValue }

    static let featureNotSupported = Self(rawValue: "0A000")
    static let invalidStatementName = Self(rawValue: "26000")
    static let duplicatePreparedStatement = Self(rawValue: "42P05")
    public static let notNullViolation = Self(rawValue: "23502")
    public static let foreignKeyViolation = Self(rawValue: "23503")
    public static let uniqueViolation = Self(rawValue: "23505")
    public static let checkViolation = Self(rawValue: "23514")
    public static let exclusionViolation = Self(rawValue: "23P01")
    public static let serializationFailure = Self(rawValue: "40001")
    public static let deadlockDetected = Self(rawValue: "40P01")
    public static let insufficientPrivilege = Self(rawValue: "42501")
    public static let undefinedTable = Self(rawValue: "42P01")
    public static let lockNotAvailable = Self(rawValue: "55P03")
    public static let queryCanceled = Self(rawValue: "57014")
    /// What PL/pgSQL's `RAISE EXCEPTION` gives when no other state is named.
    public static let raised = Self(rawValue: "P0001")

    /// The class "data exception", whose messages quote the values they refuse.
    var quotesValues: Bool { rawValue.hasPrefix("22") }
}
