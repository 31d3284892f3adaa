import Testing

@testable import Postgres

struct WatcherTests {
    private final class Reports {
        var all: [TransactionReport] = []
    }

    private static let header = "Root=1-5759e988-bd862e3fe1be46a994272793;Parent=53995c3f42cd8ad8;Sampled=1"

    @Test func `a transaction is told by its statements, and never by a value`() throws {
        let connection = Connection(try testURL())
        let reports = Reports()
        connection.watcher = TransactionWatcher(header: { Self.header }) { reports.all.append($0) }
        let seen: String? = try connection.transaction { transaction in
            _ = try transaction.value("SELECT \("ada@example.com")::text", as: String.self)
            return try transaction.value("SELECT current_setting('earshelf.trace')")
        }
        #expect(seen == Self.header)
        let report = try #require(reports.all.first)
        #expect(reports.all.count == 1)
        #expect(report.statements == ["SELECT", "SELECT", "COMMIT"] && report.statementCount == 3)
        #expect(report.state == nil && report.attempts == 1 && report.took > .zero)
    }

    @Test func `the trace ends with its transaction, and without one there is none`() throws {
        let connection = Connection(try testURL())
        var header: String? = Self.header
        let reports = Reports()
        connection.watcher = TransactionWatcher(
            header: { header }, isRecording: { header != nil }
        ) { reports.all.append($0) }
        try connection.transaction { _ = try $0.value("SELECT 1", as: Int.self) }
        header = nil
        let left: String? = try connection.transaction { transaction in
            try transaction.value("SELECT coalesce(current_setting('earshelf.trace', true), '')")
        }
        #expect(left == "")
        #expect(reports.all.count == 1)
    }

    @Test func `what was rolled back is told as that`() throws {
        let connection = Connection(try testURL())
        let reports = Reports()
        connection.watcher = TransactionWatcher(header: { Self.header }) { reports.all.append($0) }
        #expect(throws: PostgresError.self) { try connection.transaction { _ = try $0.run("SELECT 1 / 0") } }
        #expect(reports.all.first?.state == "ROLLBACK")
    }

    @Test func `a statement is its operation, and the first of our names in it`() {
        let name = "'; drop"
        #expect(
            ("UPDATE plumbing.outbox SET note = \(name) WHERE id = 1" as SQL).summary
                == "UPDATE plumbing.outbox")
        #expect(
            ("  insert INTO sales.orders (a) SELECT b FROM sales.carts" as SQL).summary
                == "INSERT sales.orders")
        #expect(
            ("WITH aside AS (SELECT event.id FROM plumbing.outbox) SELECT 1" as SQL).summary
                == "WITH plumbing.outbox")
        #expect(("SELECT sales.record_payment(\(1))" as SQL).summary == "SELECT sales.record_payment")
    }
}
