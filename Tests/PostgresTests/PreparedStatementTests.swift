import Foundation
import Testing

@testable import Postgres

/// What the server keeps for us, where it is ours alone.
@Suite struct PreparedStatementTests {
    private func kept(_ connection: Connection) throws -> [String] {
        try connection.transaction(.readOnly) {
            try $0.values("SELECT statement FROM pg_prepared_statements ORDER BY name")
        }
    }

    @Test func `what is asked again is prepared, and goes on answering for each value`() throws {
        let connection = Connection(try testURL())
        func doubled(_ number: Int) throws -> Int? { try connection.value("SELECT 2 * \(number)::int") }
        #expect(try doubled(1) == 2)
        #expect(try kept(connection) == [])
        #expect(try (2...20).map(doubled) == (2...20).map { 2 * $0 })
        #expect(try kept(connection).contains("SELECT 2 * $1::int"))
    }

    @Test func `a COMMIT has no name, for it must be one question and one answer`() throws {
        let connection = Connection(try testURL())
        for _ in 0..<3 { #expect(try connection.value("SELECT 1") == 1) }
        #expect(try kept(connection).allSatisfy { !$0.contains("COMMIT") })
    }

    @Test func `what the server refuses to prepare is refused each time, and later answered`() throws {
        try withTable("n int") { table, connect in
            let connection = try connect(), later = "later_\(table)"
            for _ in 0..<3 {
                let error = #expect(throws: PostgresError.self) {
                    try connection.value("SELECT count(*) FROM \(identifier: later)", as: Int.self)
                }
                #expect(error?.state == .undefinedTable)
            }
            try connection.run("ALTER TABLE \(identifier: table) RENAME TO \(identifier: later)")
            #expect(try connection.value("SELECT count(*) FROM \(identifier: later)") == 0)
            try connection.run("ALTER TABLE \(identifier: later) RENAME TO \(identifier: table)")
        }
    }

    @Test func `a migration that changes what a statement answers is not noticed by who asks it`() throws {
        try withTable("n int") { table, connect in
            let connection = try connect(), migrating = try connect()
            try connection.run("INSERT INTO \(identifier: table) VALUES (7)")
            let asked: SQL = "SELECT * FROM \(identifier: table)"
            for _ in 0..<3 { #expect(try connection.value(asked) == 7) }
            try migrating.run("ALTER TABLE \(identifier: table) ALTER n TYPE text")
            for _ in 0..<3 { #expect(try connection.value(asked) == "7") }
        }
    }

    @Test func `a new link begins without what was prepared on the old one`() throws {
        let connection = Connection(try testURL())
        for _ in 0..<3 { #expect(try connection.value("SELECT 3 * \(1)::int") == 3) }
        try kill(try pid(connection))
        for number in 1...3 { #expect(try connection.value("SELECT 3 * \(number)::int") == 3 * number) }
    }

    @Test
    func `where another took them away, the transaction is run again, and nothing is prepared from then on`()
        throws
    {
        let connection = Connection(try testURL())
        func asked() throws -> Int? { try connection.value("SELECT 5 * \(1)::int") }
        for _ in 0..<3 { #expect(try asked() == 5) }
        try connection.run("DEALLOCATE ALL")
        for _ in 0..<4 { #expect(try asked() == 5) }
        #expect(try kept(connection) == [])
    }

    @Test func `there is an end to what is kept`() throws {
        var statements = PreparedStatements()
        for number in 1...(PreparedStatements.limit + 5) {
            let text = "SELECT \(number)"
            #expect(statements.standing(of: text) == .unnamed)
            statements.meet(text)
            guard number <= PreparedStatements.limit else {
                #expect(statements.standing(of: text) == .unnamed)
                continue
            }
            guard case .due(let name) = statements.standing(of: text) else {
                Issue.record("\(text) is not to be prepared")
                return
            }
            statements.keep(text, as: name)
            #expect(statements.standing(of: text) == .prepared(name: name))
        }
    }
}
