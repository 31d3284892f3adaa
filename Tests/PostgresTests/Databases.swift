import Foundation
import Postgres
import Testing

/// The throwaway cluster the tests run in: a superuser's URL.
func testURL() throws -> String {
    try #require(
        ProcessInfo.processInfo.environment["TEST_DATABASE_URL"], "set TEST_DATABASE_URL, or ./build.sh test")
}

/// A database of the test's own, dropped when the test has ended.
func withDatabase(_ body: (_ url: String) throws -> Void) throws {
    let name = "test_" + UUID().uuidString.replacing("-", with: "").lowercased()
    let server = Connection(try testURL())
    try server.runScript("CREATE DATABASE \(name)")
    defer { try? server.runScript("DROP DATABASE \(name) WITH (FORCE)") }
    var components = try #require(URLComponents(string: try testURL()))
    components.path = "/" + name
    try body(try #require(components.string))
}

func withTable(
    _ columns: String, _ body: (_ table: String, _ connect: () throws -> Connection) throws -> Void
) throws {
    let table = "t" + UUID().uuidString.replacing("-", with: "").lowercased()
    let connection = Connection(try testURL())
    try connection.runScript("CREATE TABLE \(table) (\(columns))")
    defer { try? connection.runScript("DROP TABLE \(table)") }
    try body(table) { Connection(try testURL()) }
}

extension Connection {
    func value<Value: SQLValue>(_ sql: SQL, as type: Value.Type = Value.self) throws -> Value? {
        try transaction(.readCommitted) { try $0.value(sql, as: type) }
    }

    func run(_ sql: SQL) throws { try transaction(.readCommitted) { _ = try $0.run(sql) } }
}

/// The server's process of a connection.
func pid(_ connection: Connection) throws -> Int {
    try #require(try connection.value("SELECT pg_backend_pid()"))
}

func kill(_ pid: Int) throws {
    _ = try Connection(try testURL()).value("SELECT pg_terminate_backend(\(pid)::int, 5000)", as: Bool.self)
}
