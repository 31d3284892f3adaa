import Postgres
import Testing

@Suite struct StatementTests {
    struct Listing: RowDecodable, Equatable {
        var title: String
        var minutes: Int?

        init(_ row: borrowing Row) throws(PostgresError) {
            title = try row["title"]
            minutes = try row["minutes"]
        }
    }

    private func listings(_ sql: SQL) throws -> [Listing] {
        try Connection(try testURL()).transaction(.readOnly) { try $0.all(sql) }
    }

    @Test func `fragments keep the numbering of their values`() throws {
        let wanted: SQL = "title = \("Emma") OR minutes > \(90)"
        let sql: SQL = "SELECT \(1) FROM books WHERE (\(wanted)) AND id = \("x") LIMIT \(5)"
        #expect(
            sql.description == "SELECT $1 FROM books WHERE (title = $2 OR minutes > $3) AND id = $4 LIMIT $5")
        let rows: [SQL] = [("Emma", 1), ("Ulysses", 2)].map { "(\($0.0), \($0.1)::int)" }
        let found = try listings(
            "SELECT * FROM (VALUES \(rows.joined(separator: ", "))) books (title, minutes) WHERE minutes > \(1)"
        )
        #expect(found.map(\.title) == ["Ulysses"])
    }

    @Test func `a name that is interpolated as one is quoted`() throws {
        let name = "od\"d; name"
        #expect(SQL("SELECT \(identifier: name)").description == "SELECT \"od\"\"d; name\"")
    }

    @Test func `a constant is part of the statement, and no value of it`() throws {
        let sql: SQL = "SELECT title FROM books WHERE id = \("x") LIMIT \(constant: 21)"
        #expect(sql.description == "SELECT title FROM books WHERE id = $1 LIMIT 21")
    }

    @Test func `columns are read by name, NULL as nothing`() throws {
        let found = try listings("SELECT NULL::int AS minutes, 'Emma' AS title")
        #expect(found.map(\.minutes) == [nil])
        #expect(found.map(\.title) == ["Emma"])
    }

    @Test(arguments: [
        ("SELECT 1 AS minutes", "no column title among minutes"),
        ("SELECT NULL::text AS title, 1 AS minutes", "column title is NULL where String is needed"),
        ("SELECT 'secret' AS title, 'secret' AS minutes", "column minutes does not read as Int"),
        ("SELECT 'a' AS title, 'b' AS title, 1 AS minutes", "two columns are named title"),
    ])
    func `a row that is not what was expected says how, and not what it holds`(sql: String, reason: String)
        throws
    {
        let error = try #require(throws: PostgresError.self) { try listings(SQL(stringLiteral: sql)) }
        #expect(error.kind == .decoding)
        #expect(error.reason == reason)
    }

    @Test func `one value is read from one column only`() throws {
        let connection = Connection(try testURL())
        #expect(throws: PostgresError.self) { try connection.value("SELECT 1, 2", as: Int.self) }
        let values = try connection.transaction {
            try $0.values("SELECT generate_series(1, 3)", as: Int.self)
        }
        #expect(values == [1, 2, 3])
        #expect(throws: PostgresError.self) {
            try connection.transaction { try $0.values("SELECT NULL::int", as: Int.self) }
        }
    }

    @Test(arguments: [
        "SELECT \("hunter2")::uuid" as SQL, "SELECT \("hunter2")::int",
        "SELECT \("hunter2\"\"")::timestamptz",
        "SELECT \("[hunter2")::jsonb",
    ])
    func `no value is in an error`(sql: SQL) throws {
        let error = try #require(throws: PostgresError.self) {
            try Connection(try testURL()).transaction { _ = try $0.run(sql) }
        }
        #expect(!String(reflecting: error).contains("hunter2"))
        #expect(error.kind == .statement)
    }

    @Test func `a violation tells its state and its constraint, and not the row`() throws {
        try withTable("email text CONSTRAINT one_account_each UNIQUE") { table, connect in
            let connection = try connect()
            let insert: SQL = "INSERT INTO \(identifier: table) VALUES (\("ada@example.org"))"
            try connection.run(insert)
            let error = try #require(throws: PostgresError.self) { try connection.run(insert) }
            #expect(error.state == .uniqueViolation)
            #expect(error.constraint == "one_account_each")
            #expect(!String(reflecting: error).contains("ada"))
        }
    }

    @Test func `how many rows were touched is told`() throws {
        try withTable("n int") { table, connect in
            let touched = try connect().transaction { transaction in
                try transaction.run("INSERT INTO \(identifier: table) VALUES (1), (2), (3)")
            }
            #expect(touched == 3)
        }
    }

    @Test func `a transaction may hold many statements and large values`() throws {
        let connection = Connection(try testURL())
        let large = String(repeating: "é", count: 4_000_000)
        let length: Int? = try connection.value("SELECT length(\(large)::text)")
        #expect(length == 4_000_000)
        #expect(
            try connection.value("SELECT repeat('x', 20000000)", as: String.self)?.utf8.count == 20_000_000)
    }
}
