import Postgres
import Testing

@Suite struct TransactionTests {
    struct Stop: Error {}

    @Test func `what the block throws rolls back, and the connection serves on`() throws {
        try withTable("n int") { table, connect in
            let connection = try connect()
            #expect(throws: Stop.self) {
                try connection.transaction { transaction in
                    try transaction.run("INSERT INTO \(identifier: table) VALUES (1)")
                    throw Stop()
                }
            }
            #expect(try connection.value("SELECT count(*) FROM \(identifier: table)") == 0)
        }
    }

    @Test func `the loser of a race is run again`() throws {
        try withTable("n int") { table, connect in
            let one = try connect(), other = try connect()
            try one.run("INSERT INTO \(identifier: table) VALUES (0)")
            var tries = 0
            try one.transaction { transaction in
                tries += 1
                let n: Int? = try transaction.value("SELECT n FROM \(identifier: table)")
                if tries == 1 { try other.run("UPDATE \(identifier: table) SET n = n + 1") }
                try transaction.run("UPDATE \(identifier: table) SET n = \(try #require(n) + 1)")
            }
            #expect(tries == 2)
            #expect(try one.value("SELECT n FROM \(identifier: table)") == 2)
        }
    }

    @Test func `who always loses gives up after the attempts it was given`() throws {
        try withTable("n int") { table, connect in
            let connection = try connect()
            var tries = 0
            let error = #expect(throws: PostgresError.self) {
                try connection.transaction(attempts: 4) { transaction in
                    tries += 1
                    try transaction.run("DO $$ BEGIN RAISE EXCEPTION 'lost' USING ERRCODE = '40P01'; END $$")
                }
            }
            #expect(tries == 4)
            #expect(error?.state == .deadlockDetected)
        }
    }

    @Test func `two that wait for each other both come through`() async throws {
        let table = "t" + String(UInt64.random(in: 0 ... .max), radix: 36)
        let url = try testURL()
        try Connection(url).runScript(
            "CREATE TABLE \(table) (id int PRIMARY KEY, n int); INSERT INTO \(table) VALUES (1, 0), (2, 0)")
        defer { try? Connection(url).runScript("DROP TABLE \(table)") }
        try await withThrowingTaskGroup { group in
            for order in [[1, 2], [2, 1]] {
                group.addTask {
                    for _ in 0..<20 {
                        try Connection(url).transaction(.readCommitted, attempts: 20) { transaction in
                            for id in order {
                                try transaction.run(
                                    "UPDATE \(identifier: table) SET n = n + 1 WHERE id = \(id)")
                            }
                        }
                    }
                }
            }
            try await group.waitForAll()
        }
        #expect(try Connection(url).value("SELECT sum(n) FROM \(identifier: table)") == 80)
    }

    @Test func `a COMMIT that is answered by ROLLBACK is an error`() throws {
        try withTable("n int CHECK (n > 0)") { table, connect in
            let connection = try connect()
            let error = #expect(throws: PostgresError.self) {
                try connection.transaction { transaction in
                    _ = try? transaction.run("INSERT INTO \(identifier: table) VALUES (0)")
                }
            }
            #expect(error?.kind == .rolledBack)
            #expect(try connection.value("SELECT 1") == 1)
        }
    }

    @Test func `a constraint that is checked at COMMIT names itself`() throws {
        try withTable("n int CONSTRAINT one_of_each UNIQUE DEFERRABLE INITIALLY DEFERRED") { table, connect in
            let connection = try connect()
            let error = #expect(throws: PostgresError.self) {
                try connection.run("INSERT INTO \(identifier: table) VALUES (7), (7)")
            }
            #expect(error?.kind == .statement)
            #expect(error?.state == .uniqueViolation)
            #expect(error?.constraint == "one_of_each")
        }
    }

    @Test(arguments: [
        (Isolation.readCommitted, "read committed", "off"), (.repeatableRead, "repeatable read", "off"),
        (.serializable, "serializable", "off"), (.readOnly, "repeatable read", "on"),
    ])
    func `the isolation asked for is the isolation given`(
        isolation: Isolation, name: String, readOnly: String
    ) throws {
        let settings = try Connection(try testURL()).transaction(isolation) { transaction in
            let names: SQL = "unnest(\(["transaction_isolation", "transaction_read_only"])::text[])"
            return try transaction.values(
                "SELECT current_setting(name) FROM \(names) AS name", as: String.self)
        }
        #expect(settings == [name, readOnly])
    }

    @Test func `a role is taken on for the transaction, and no setting outlives it`() throws {
        let url = try testURL()
        let role = "r\"" + String(UInt64.random(in: 0 ... .max), radix: 36)
        let quoted = "\"" + role.replacing("\"", with: "\"\"") + "\""
        try Connection(url).runScript("CREATE ROLE \(quoted)")
        defer { try? Connection(url).runScript("DROP ROLE \(quoted)") }
        let connection = Connection(url, role: role)
        connection.deadline = .now + .seconds(60)
        #expect(try connection.value("SELECT current_user") == role)
        #expect(try connection.value("SHOW statement_timeout", as: String.self) != "0")
        try withTable("setting text") { table, _ in
            try Connection(url).runScript("GRANT INSERT ON \(table) TO \(quoted)")
            try connection.runScript(
                """
                INSERT INTO \(table) VALUES (current_user), (current_setting('statement_timeout')),
                    (current_setting('TimeZone'))
                """)
            let left = try Connection(url).transaction { transaction in
                try transaction.values("SELECT setting FROM \(identifier: table)", as: String.self)
            }
            #expect(left[0] != role)
            #expect(left[1] == "0")
            try Connection(url).runScript("REVOKE ALL ON \(table) FROM \(quoted)")
        }
    }
}
