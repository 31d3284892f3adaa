/// What looks on at transactions while something is traced.
public struct TransactionWatcher {
    /// The trace at this moment, which each transaction has in its setting `earshelf.trace`, so that rows can
    /// tell by whom they were written; nil when nothing is to be written down.
    public var header: () -> String?
    /// Whether it is to be told of the transaction that begins.
    public var isRecording: () -> Bool
    public var ended: (TransactionReport) -> Void

    public init(
        header: @escaping () -> String?, isRecording: @escaping () -> Bool = { true },
        ended: @escaping (TransactionReport) -> Void
    ) {
        (self.header, self.isRecording, self.ended) = (header, isRecording, ended)
    }
}

/// A transaction that is over: what kinds of statements it was made of, and never their values.
public struct TransactionReport: Sendable {
    /// `SELECT sales.orders`: the operation, and the first table or function that the statement names. Of
    /// many, the first.
    public private(set) var statements: [String] = []
    public private(set) var statementCount = 0
    /// How often it was run: again when it lost against another.
    public internal(set) var attempts = 1
    /// `ROLLBACK` when it came to nothing; nil when it holds.
    public internal(set) var state: String?
    /// With all its attempts.
    public internal(set) var took = Duration.zero
    let began = ContinuousClock.now

    private static let most = 32

    mutating func add(_ sql: SQL) {
        statementCount += 1
        if statements.count < Self.most { statements.append(sql.summary) }
    }
}

extension SQL {
    /// The operation of a statement of ours, and the first name with a schema in it. Texts and values are in
    /// neither: what is interpolated is bound.
    var summary: String {
        let words = description.split { !($0.isLetter || $0.isNumber || $0 == "_" || $0 == ".") }
        guard let operation = words.first else { return "" }
        let name = words.first { word in
            let parts = word.split(separator: ".", omittingEmptySubsequences: false)
            return parts.count == 2 && Self.schemas.contains(String(parts[0]))
        }
        return name.map { "\(operation.uppercased()) \($0)" } ?? operation.uppercased()
    }

    private static let schemas: Set = [
        "catalogue", "identity", "listening", "plumbing", "production", "sales",
    ]
}

/// PostgreSQL 15, section 4.1.2.1, under `standard_conforming_strings`: a quote within a text is doubled.
func quoted(text: String) -> String {
    "'" + text.split(separator: "'", omittingEmptySubsequences: false).joined(separator: "''") + "'"
}
