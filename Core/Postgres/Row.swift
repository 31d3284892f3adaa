internal import CPostgres

/// A type read from one row. `borrowing` keeps the row from outliving the result it points into.
public protocol RowDecodable {
    init(_ row: borrowing Row) throws(PostgresError)
}

public struct Row: ~Copyable {
    let result: OpaquePointer
    let index: Int32
    let columns: Columns

    /// The value of a column that may not be NULL. The type asked for decides how it is read.
    public subscript<Value: SQLValue>(column: String) -> Value {
        get throws(PostgresError) {
            guard let value: Value = try self[column] else {
                throw PostgresError(.decoding, "column \(column) is NULL where \(Value.self) is needed")
            }
            return value
        }
    }

    public subscript<Value: SQLValue>(column: String) -> Value? {
        get throws(PostgresError) { try value(at: try columns.index(of: column), named: column) }
    }

    func value<Value: SQLValue>(at field: Int32, named column: String) throws(PostgresError) -> Value? {
        guard PQgetisnull(result, index, field) == 0 else { return nil }
        let bytes = UnsafeRawBufferPointer(
            start: PQgetvalue(result, index, field), count: Int(PQgetlength(result, index, field)))
        guard let value = Value(sqlText: String(decoding: bytes, as: UTF8.self)) else {
            throw PostgresError(.decoding, "column \(column) does not read as \(Value.self)")
        }
        return value
    }
}

/// The columns of a result by name. A name that came twice is refused when it is asked for: which of the two
/// was meant cannot be known.
struct Columns {
    private var indices: [String: Int32] = [:]
    private var twice: Set<String> = []

    init(of result: OpaquePointer) {
        for index in 0..<PQnfields(result) {
            let name = String(cString: PQfname(result, index))
            if indices.updateValue(index, forKey: name) != nil { twice.insert(name) }
        }
    }

    func index(of name: String) throws(PostgresError) -> Int32 {
        guard let index = indices[name] else {
            let known = indices.keys.sorted().joined(separator: ", ")
            throw PostgresError(.decoding, "no column \(name) among \(known.isEmpty ? "none" : known)")
        }
        guard !twice.contains(name) else { throw PostgresError(.decoding, "two columns are named \(name)") }
        return index
    }
}

/// Owns a `PGresult`, and frees it.
struct Outcome: ~Copyable {
    let pointer: OpaquePointer
    deinit { PQclear(pointer) }

    /// What was done, in the server's words: `COMMIT`, `INSERT 0 1`.
    var tag: String { String(cString: PQcmdStatus(pointer)) }
    var affected: Int { Int(String(cString: PQcmdTuples(pointer))) ?? 0 }

    func rows<Value: RowDecodable>() throws(PostgresError) -> [Value] {
        let columns = Columns(of: pointer)
        var rows: [Value] = []
        rows.reserveCapacity(Int(PQntuples(pointer)))
        for index in 0..<PQntuples(pointer) {
            rows.append(try Value(Row(result: pointer, index: index, columns: columns)))
        }
        return rows
    }

    /// The first column of every row.
    func values<Value: SQLValue>() throws(PostgresError) -> [Value?] {
        guard PQnfields(pointer) == 1 else {
            throw PostgresError(.decoding, "\(PQnfields(pointer)) columns where one value is read")
        }
        let columns = Columns(of: pointer)
        let name = String(cString: PQfname(pointer, 0))
        var values: [Value?] = []
        for index in 0..<PQntuples(pointer) {
            values.append(try Row(result: pointer, index: index, columns: columns).value(at: 0, named: name))
        }
        return values
    }
}
