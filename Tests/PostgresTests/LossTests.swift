import Foundation
import Postgres
import Testing

/// What happens when the server hangs up, is silent, or is not there.
@Suite struct LossTests {
    @Test func `a connection that was hung up on while idle is replaced`() throws {
        let connection = Connection(try testURL())
        let before = try pid(connection)
        try kill(before)
        #expect(try pid(connection) != before)
    }

    @Test func `a connection that was lost within the block is an error, and the next event has a new one`()
        throws
    {
        let connection = Connection(try testURL())
        var runs = 0
        let error = #expect(throws: PostgresError.self) {
            try connection.transaction { transaction in
                runs += 1
                try kill(try #require(try transaction.value("SELECT pg_backend_pid()")))
                try transaction.run("SELECT 1")
            }
        }
        #expect(error?.kind == .connection)
        #expect(runs == 1)
        #expect(try connection.value("SELECT 1") == 1)
    }

    @Test func `a lost answer to COMMIT is undecided`() throws {
        try withTable("n int") { table, connect in
            let proxy = try Proxy(to: try testURL())
            let connection = Connection(proxy.url)
            let error = #expect(throws: PostgresError.self) {
                try connection.transaction { transaction in
                    try transaction.run("INSERT INTO \(identifier: table) VALUES (1)")
                    proxy.answersNothing(after: "COMMIT", thenHangsUp: true)
                }
            }
            #expect(error?.kind == .undecided)
            proxy.answers()
            #expect(try connection.value("SELECT count(*) FROM \(identifier: table)") == 1)
        }
    }

    @Test func `a COMMIT that is not answered in time is undecided`() throws {
        let proxy = try Proxy(to: try testURL())
        let connection = Connection(proxy.url)
        #expect(try connection.value("SELECT 1") == 1)
        connection.deadline = .now + .milliseconds(300)
        let error = #expect(throws: PostgresError.self) {
            try connection.transaction { transaction in
                try transaction.run("SELECT 1")
                proxy.answersNothing(after: "COMMIT", thenHangsUp: false)
            }
        }
        #expect(error?.kind == .undecided)
    }

    @Test func `an idle connection whose server has gone without a word is replaced`() throws {
        let proxy = try Proxy(to: try testURL())
        let connection = Connection(proxy.url)
        let before = try pid(connection)
        proxy.abandonsWhatIsOpen()
        connection.deadline = .now + .seconds(3)
        #expect(try pid(connection) != before)
    }

    @Test func `a server that accepts and says nothing costs no more than the deadline`() throws {
        let proxy = try Proxy(to: try testURL())
        proxy.answersNothing(after: "", thenHangsUp: false)
        let connection = Connection(proxy.url)
        connection.deadline = .now + .milliseconds(200)
        let error = #expect(throws: PostgresError.self) { try connection.transaction { _ in } }
        #expect(error?.kind == .timeout)
    }

    @Test func `a server that is not there is a connection error`() throws {
        let connection = Connection("postgresql://earshelf@/postgres?host=/nowhere")
        let error = #expect(throws: PostgresError.self) { try connection.transaction { _ in } }
        #expect(error?.kind == .connection)
    }

    @Test func `a URL that cannot be read is not repeated in the error`() throws {
        let connection = Connection("postgresql://user:hunter2@host:port:port/?nonsense=hunter2")
        let error = try #require(throws: PostgresError.self) { try connection.transaction { _ in } }
        #expect(error.kind == .connection)
        #expect(!error.description.contains("hunter2"))
    }

    @Test func `the server ends a statement before the deadline does, and the transaction with it`() throws {
        let connection = Connection(try testURL())
        // Long enough for a quarter of a second to lie between the two.
        connection.deadline = .now + .seconds(3)
        let error = #expect(throws: PostgresError.self) { try connection.run("SELECT pg_sleep(60)") }
        #expect(error?.state == .queryCanceled)
        connection.deadline = .now + .seconds(60)
        #expect(try connection.value("SELECT 1") == 1)
    }

    @Test func `after the deadline nothing is begun`() throws {
        let connection = Connection(try testURL())
        connection.deadline = .now - .seconds(1)
        let error = #expect(throws: PostgresError.self) {
            try connection.transaction { _ in Issue.record("the block ran") }
        }
        #expect(error?.kind == .timeout)
    }
}
