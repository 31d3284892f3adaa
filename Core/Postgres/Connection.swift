internal import Glibc

/// The one connection of the process, opened when it is first needed. Not `Sendable` on purpose: a function
/// handles one event at a time on one thread, so there is no pool, no lock and no `await`, and the compiler
/// keeps it so.
///
/// It leaves no setting behind in the server's session (`SET LOCAL` only), so that it may be shared with
/// others through a pooler. Where it is not shared, statements that are asked again are prepared.
public final class Connection {
    /// When the event must have been answered. All waits end a little before it; nil waits as long as it
    /// takes.
    public var deadline: ContinuousClock.Instant?

    /// Looks on, for traces; nil where nobody does.
    public var watcher: TransactionWatcher?
    /// What is written down of the running transaction.
    private var report: TransactionReport?

    /// Told of each statement before it is sent: by it the tests explain what a function asks.
    package var witness: ((SQL) -> Void)?

    private let url: String
    private let role: String?
    private var link: Link?
    /// Whether the server behind the link is ours alone, so that what is prepared there is found there again.
    private var isOurs = false
    /// Whether it was not, although it seemed so.
    private var hasLostStatements = false
    /// Whether the link has been idle since an earlier transaction: the server may have hung up meanwhile.
    private var isUsed = false
    private var isBusy = false
    /// When we stop waiting, within the running transaction.
    private var limit: ContinuousClock.Instant?

    /// - Parameters:
    ///   - url: a connection string of libpq.
    ///   - role: the role whose rights each transaction takes on; nil keeps those of the login.
    public init(_ url: String, role: String? = nil) { (self.url, self.role) = (url, role) }

    /// Runs `body` between BEGIN and COMMIT; whatever it throws rolls back. A transaction that lost against
    /// another (40001, 40P01) is run again, so `body` may touch nothing but the transaction.
    ///
    /// Throws `undecided` when the answer to COMMIT was lost, and `rolledBack` when it was ROLLBACK.
    @_semantics("optimize.sil.specialize.generic.never")
    public func transaction<Value>(
        _ isolation: Isolation = .serializable, attempts: Int = 3,
        _ body: (borrowing Transaction) throws -> Value
    ) throws -> Value {
        try transaction(isolation, attempts: attempts, as: role, body)
    }

    // Swift 6.3.1's optimiser crashes when it specialises this for a type of `Value` ("Cannot initialize a
    // nonCopyable type with a guaranteed value"): every round trip costs a thousand times what that would
    // save.
    @_semantics("optimize.sil.specialize.generic.never")
    func transaction<Value>(
        _ isolation: Isolation, attempts: Int, as role: String?,
        _ body: (borrowing Transaction) throws -> Value
    ) throws -> Value {
        precondition(!isBusy, "a transaction within a transaction: pass the transaction on instead")
        isBusy = true
        defer { isBusy = false }
        var attempt = 1
        report = watcher?.isRecording() == true ? TransactionReport() : nil
        defer { end(after: attempt) }
        while true {
            do {
                let value = try once(isolation, as: role, body)
                report?.state = nil
                return value
            } catch let error as PostgresError where error.lostRace && attempt < attempts {
                guard pause(after: attempt) else { throw error }
                attempt += 1
            } catch let error as PostgresError where error.lostStatement && isOurs && attempt < attempts {
                // On a new link nothing is prepared yet.
                link = nil
                hasLostStatements = hasLostStatements || !error.outlivedPlan
                attempt += 1
            }
        }
    }

    private func end(after attempts: Int) {
        guard var ended = report else { return }
        report = nil
        ended.attempts = attempts
        ended.took = ended.began.duration(to: .now)
        watcher?.ended(ended)
    }

    /// Runs statements outside of any transaction block, as `CREATE DATABASE` wants it.
    public func runScript(_ script: String) throws(PostgresError) {
        precondition(!isBusy, "a script within a transaction")
        limit = Limits(deadline)?.waiting
        do {
            if link?.isAlive != true { try open() }
            _ = try link!.execute(script: script, until: limit)
        } catch {
            link = nil
            throw error
        }
    }

    @_semantics("optimize.sil.specialize.generic.never")
    private func once<Value>(
        _ isolation: Isolation, as role: String?, _ body: (borrowing Transaction) throws -> Value
    ) throws -> Value {
        report?.state = "ROLLBACK"
        try begin(isolation, as: role)
        let value: Value
        do { value = try body(Transaction(connection: self)) } catch {
            rollBack()
            throw error
        }
        try commit()
        return value
    }

    /// Between events the platform freezes us, and the server may hang up meanwhile, with or without a word:
    /// what was idle is given a share of the time only, and replaced once.
    private func begin(_ isolation: Isolation, as role: String?) throws(PostgresError) {
        let limits = Limits(deadline)
        limit = limits?.waiting
        let script = opening(isolation, role, limits)
        if let idle = link, isUsed {
            do throws(PostgresError) {
                _ = try idle.execute(script: script, until: limits?.idle ?? .now + .seconds(5))
                return
            } catch {
                guard error.kind == .timeout || !idle.isAlive else {
                    rollBack()
                    throw error
                }
            }
        }
        do {
            try open()
            let answered = try link!.execute(script: script + "; SELECT pg_backend_pid()", until: limit)
            let server: [Int?] = try answered.values()
            isOurs = server == [link?.greeter] && !hasLostStatements
            isUsed = true
        } catch {
            link = nil
            throw error
        }
    }

    private func open() throws(PostgresError) {
        link = nil
        (isUsed, isOurs) = (false, false)
        let patience = ContinuousClock.Instant.now + .seconds(10)
        link = try Link(url, until: limit.map { min($0, patience) } ?? patience)
    }

    /// In one round trip: what must hold for every statement of the transaction, and ends with it.
    private func opening(_ isolation: Isolation, _ role: String?, _ limits: Limits?) -> String {
        var statements = [
            "BEGIN ISOLATION LEVEL \(isolation.rawValue)",
            "SET LOCAL TimeZone = 'UTC'", "SET LOCAL DateStyle = 'ISO, YMD'",
            "SET LOCAL bytea_output = 'hex'",
            "SET LOCAL extra_float_digits = 1", "SET LOCAL client_connection_check_interval = '1s'",
        ]
        if let limits {
            statements += [
                "SET LOCAL statement_timeout = \(limits.statementMilliseconds)",
                "SET LOCAL lock_timeout = \(limits.lockMilliseconds)",
                "SET LOCAL idle_in_transaction_session_timeout = \(limits.idleMilliseconds)",
            ]
        }
        if let header = watcher?.header() {
            statements.append("SET LOCAL earshelf.trace = \(quoted(text: header))")
        }
        if let role { statements.append("SET LOCAL ROLE \(quoted(identifier: role))") }
        return statements.joined(separator: "; ")
    }

    private func commit() throws(PostgresError) {
        do throws(PostgresError) {
            // In one round trip: were it lost while it is being prepared, nobody could say what became of it.
            let tag = try execute("COMMIT", mayPrepare: false).tag
            guard tag == "COMMIT" else {
                throw PostgresError(
                    .rolledBack, "COMMIT was answered by \(tag): an error had been passed over")
            }
        } catch {
            guard error.kind == .connection || error.kind == .timeout else { throw error }
            link = nil
            throw PostgresError(
                .undecided, state: error.state, "the answer to COMMIT was lost: \(error.reason)")
        }
    }

    private func rollBack() {
        guard let open = link, open.isAlive else {
            link = nil
            return
        }
        if (try? open.execute(script: "ROLLBACK", until: limit ?? .now + .seconds(5))) == nil { link = nil }
    }

    /// Longer each time, and never the same twice, or those who met once meet again. False when no time is
    /// left.
    private func pause(after attempt: Int) -> Bool {
        let milliseconds = Int32.random(in: 5...(20 << Int32(min(attempt, 5))))
        if let deadline, .now + .milliseconds(Int(milliseconds) + 50) > deadline { return false }
        poll(nil, 0, milliseconds)
        return true
    }

    @discardableResult
    func execute(_ sql: SQL, mayPrepare: Bool = true) throws(PostgresError) -> Outcome {
        witness?(sql)
        report?.add(sql)
        guard let open = link else { throw PostgresError(.connection, "the connection was lost") }
        do throws(PostgresError) {
            return try open.execute(sql, mayPrepare: mayPrepare && isOurs, until: limit)
        } catch {
            if error.kind == .timeout { link = nil }
            throw error
        }
    }

    func execute(script: String) throws(PostgresError) {
        guard let open = link else { throw PostgresError(.connection, "the connection was lost") }
        do throws(PostgresError) { _ = try open.execute(script: script, until: limit) } catch {
            if error.kind == .timeout { link = nil }
            throw error
        }
        guard open.isInTransaction else {
            throw PostgresError(.statement, "the script ended the transaction it ran in")
        }
    }
}

extension PostgresError {
    fileprivate var lostRace: Bool { state == .serializationFailure || state == .deadlockDetected }

    /// What was prepared is not there, is there already, or does not fit the tables as they are by now.
    fileprivate var lostStatement: Bool {
        outlivedPlan || state == .invalidStatementName || state == .duplicatePreparedStatement
    }

    /// "cached plan must not change result type", after a migration.
    fileprivate var outlivedPlan: Bool { state == .featureNotSupported }
}
