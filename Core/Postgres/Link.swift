internal import CPostgres
internal import Glibc

/// One libpq connection, driven by `poll` so that no wait is without its limit: not for a server that accepts
/// and says nothing, not for an answer lost in a network that dropped us. After a `timeout` a link is of no
/// more use.
final class Link {
    private let handle: OpaquePointer
    private var prepared = PreparedStatements()

    /// Connects. The one wait that is not ours is the name look-up, bounded by `resolv.conf`.
    init(_ url: String, until limit: ContinuousClock.Instant?) throws(PostgresError) {
        // What libpq says of a text it cannot parse quotes the text, password and all.
        guard let options = PQconninfoParse(url, nil) else {
            throw PostgresError(.connection, "the database URL is not one that libpq understands")
        }
        PQconninfoFree(options)
        handle = Self.start([
            ("dbname", url), ("client_encoding", "UTF8"), ("fallback_application_name", "earshelf"),
        ])
        PQsetNoticeProcessor(handle, { _, _ in }, nil)
        var state = PQstatus(handle) == CONNECTION_BAD ? PGRES_POLLING_FAILED : PGRES_POLLING_WRITING
        while state != PGRES_POLLING_OK {
            guard state != PGRES_POLLING_FAILED else { throw failure(.connection) }
            try wait(for: state == PGRES_POLLING_READING ? POLLIN : POLLOUT, until: limit, "connecting")
            state = PQconnectPoll(handle)
        }
        PQsetnonblocking(handle, 1)
    }

    deinit { PQfinish(handle) }

    var isAlive: Bool { PQstatus(handle) == CONNECTION_OK }
    var isInTransaction: Bool { PQtransactionStatus(handle) == PQTRANS_INTRANS }

    /// libpq's keywords after `dbname` override what the URL says.
    private static func start(_ options: [(key: String, value: String)]) -> OpaquePointer {
        let keys = options.map { strdup($0.key) }, values = options.map { strdup($0.value) }
        defer { (keys + values).forEach { free($0) } }
        let terminatedKeys = keys.map { UnsafePointer<CChar>($0) } + [nil]
        let terminatedValues = values.map { UnsafePointer<CChar>($0) } + [nil]
        return PQconnectStartParams(terminatedKeys, terminatedValues, 1)!
    }

    /// The process of the server that greeted us. A pooler greets in its own name, and passes on to many.
    var greeter: Int { Int(PQbackendPID(handle)) }

    /// One statement and its values. Where `mayPrepare`, what is asked again is prepared, for which there must be one
    /// server behind the link for as long as it lasts.
    func execute(
        _ sql: SQL, mayPrepare: Bool, until limit: ContinuousClock.Instant?
    ) throws(PostgresError) -> Outcome {
        let (text, values) = sql.statement
        guard values.count <= 65_535 else { throw PostgresError(.encoding, "more than 65535 values") }
        for (index, value) in values.enumerated() where value.map(holdsZero) == true {
            throw PostgresError(.encoding, "$\(index + 1) holds a NUL character")
        }
        let copies = values.map { value in value.map { strdup($0)! } }
        defer { copies.forEach { free($0) } }
        let pointers = copies.map { UnsafePointer<CChar>($0) }
        let count = Int32(values.count)
        let isSent =
            if mayPrepare, let name = try name(of: text, until: limit) {
                PQsendQueryPrepared(handle, name, count, pointers, nil, nil, 0)
            } else {
                PQsendQueryParams(handle, text, count, nil, pointers, nil, nil, 0)
            }
        guard isSent == 1 else { throw failure(.connection) }
        return try answer(until: limit)
    }

    /// By the C library, for whole documents are looked through.
    private func holdsZero(_ text: String) -> Bool {
        var text = text
        return text.withUTF8 { bytes in bytes.baseAddress.map { memchr($0, 0, bytes.count) != nil } ?? false }
    }

    /// Under which the statement is known to the server by now; nil where it is asked for the first time.
    private func name(of text: String, until limit: ContinuousClock.Instant?) throws(PostgresError) -> String?
    {
        switch prepared.standing(of: text) {
        case .unnamed:
            prepared.meet(text)
            return nil
        case .due(let name):
            guard PQsendPrepare(handle, name, text, 0, nil) == 1 else { throw failure(.connection) }
            _ = try answer(until: limit)
            prepared.keep(text, as: name)
            return name
        case .prepared(let name): return name
        }
    }

    /// Several statements without values, in one round trip.
    func execute(script: String, until limit: ContinuousClock.Instant?) throws(PostgresError) -> Outcome {
        guard !holdsZero(script) else {
            throw PostgresError(.encoding, "the script holds a NUL character")
        }
        guard PQsendQuery(handle, script) == 1 else { throw failure(.connection) }
        return try answer(until: limit)
    }

    /// The last answer; or the first error, after which the server has skipped the rest.
    private func answer(until limit: ContinuousClock.Instant?) throws(PostgresError) -> Outcome {
        try flush(until: limit)
        var last: OpaquePointer?
        var refused: PostgresError?
        defer { PQclear(last) }
        while let result = try next(until: limit) {
            PQclear(last)
            last = result
            switch PQresultStatus(result) {
            case PGRES_COMMAND_OK, PGRES_TUPLES_OK, PGRES_EMPTY_QUERY: break
            case PGRES_FATAL_ERROR, PGRES_BAD_RESPONSE:
                refused = refused ?? failure(isAlive ? .statement : .connection, result)
            default: throw PostgresError(.statement, "COPY is not spoken here")
            }
        }
        if let refused { throw refused }
        guard isAlive, let outcome = last else { throw failure(.connection) }
        last = nil
        return Outcome(pointer: outcome)
    }

    private func flush(until limit: ContinuousClock.Instant?) throws(PostgresError) {
        while true {
            switch PQflush(handle) {
            case 0: return
            case 1:
                let ready = try wait(for: POLLIN | POLLOUT, until: limit, "sending")
                if ready & POLLIN != 0, PQconsumeInput(handle) == 0 { throw failure(.connection) }
            default: throw failure(.connection)
            }
        }
    }

    private func next(until limit: ContinuousClock.Instant?) throws(PostgresError) -> OpaquePointer? {
        while PQisBusy(handle) == 1 {
            try wait(for: POLLIN, until: limit, "the answer")
            if PQconsumeInput(handle) == 0 { throw failure(.connection) }
        }
        return PQgetResult(handle)
    }

    @discardableResult
    private func wait(
        for events: Int32, until limit: ContinuousClock.Instant?, _ what: StaticString
    ) throws(PostgresError) -> Int32 {
        while true {
            var descriptor = pollfd(fd: PQsocket(handle), events: Int16(events), revents: 0)
            let ready = poll(&descriptor, 1, limit.map { milliseconds(until: $0) } ?? -1)
            if ready > 0 { return Int32(descriptor.revents) }
            if ready == 0 { throw PostgresError(.timeout, "no time left while waiting for \(what)") }
            if errno != EINTR { throw PostgresError(.connection, "poll failed with errno \(errno)") }
        }
    }

    private func failure(_ kind: PostgresError.Kind, _ result: OpaquePointer? = nil) -> PostgresError {
        func field(_ code: Character) -> String? {
            PQresultErrorField(result, Int32(code.asciiValue!)).map { String(cString: $0) }
        }
        let state = field("C").map(SQLState.init)
        var reason = field("M") ?? String(cString: PQerrorMessage(handle))
        while reason.last?.isWhitespace == true { reason.removeLast() }
        if state?.quotesValues == true { reason = withoutQuotations(reason) }
        return PostgresError(
            kind, state: state, constraint: field("n"), position: field("P").flatMap { Int($0) }, reason)
    }
}

/// `invalid input syntax for type uuid: "…"`: from the first quotation mark to the last, for values may hold
/// some.
private func withoutQuotations(_ message: String) -> String {
    guard let first = message.firstIndex(of: "\""), let last = message.lastIndex(of: "\""), first < last
    else {
        return message
    }
    return message[...first] + "…" + message[last...]
}

/// Rounded up, so that `poll` does not return before the instant; 0 when it has passed.
func milliseconds(until instant: ContinuousClock.Instant) -> Int32 {
    let left = (instant - .now).components
    guard left.seconds >= 0, left.attoseconds >= 0 else { return 0 }
    guard left.seconds < 1_000_000 else { return 1_000_000_000 }
    return Int32(left.seconds * 1000 + (left.attoseconds + 999_999_999_999_999) / 1_000_000_000_000_000)
}
