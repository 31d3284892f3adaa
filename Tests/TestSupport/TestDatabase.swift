import Foundation
public import Postgres

/// A migrated database of a test's own in the throwaway cluster of `TEST_DATABASE_URL`.
public struct TestDatabase: Sendable {
    public let url: String

    /// With all rights, or with those of a function: `connect(as: "cart")`.
    public func connect(as function: String? = nil) -> Connection {
        Connection(url, role: function.map { "earshelf_" + $0.replacing("-", with: "_") })
    }
}

public struct NoTestDatabase: Error, CustomStringConvertible {
    public let description =
        "set TEST_DATABASE_URL to a superuser's URL of a throwaway cluster, or ./build.sh test"
}

/// Runs a test on a database of its own and drops it after, whatever happened. It is a copy of one that was
/// migrated before, so that a test costs no migration.
public func withDatabase<Value>(_ body: (TestDatabase) throws -> Value) throws -> Value {
    try withDatabase(copying: TemplateDatabase.migrated.get(), body)
}

func withDatabase<Value>(
    copying template: TemplateDatabase, _ body: (TestDatabase) throws -> Value
) throws -> Value {
    let name = "test_" + UUID().uuidString.replacing("-", with: "").lowercased()
    let server = Connection(try clusterURL())
    // Through the log it would take half as long again.
    try server.runScript("CREATE DATABASE \(name) TEMPLATE \(template.name) STRATEGY FILE_COPY")
    defer { try? server.runScript("DROP DATABASE \(name) WITH (FORCE)") }
    return try body(TestDatabase(url: try clusterURL(database: name)))
}

/// The common case: one connection that may do anything.
public func withConnection<Value>(_ body: (Connection) throws -> Value) throws -> Value {
    try withDatabase { try body($0.connect()) }
}

private func clusterURL(database: String? = nil) throws -> String {
    guard let url = ProcessInfo.processInfo.environment["TEST_DATABASE_URL"] else { throw NoTestDatabase() }
    guard let database else { return url }
    var components = URLComponents(string: url)
    components?.path = "/" + database
    guard let text = components?.string else { throw NoTestDatabase() }
    return text
}

/// A database that others are copied from: made once for the migrations as they are, and kept in the cluster for
/// the next run.
struct TemplateDatabase: Sendable {
    let name: String

    private static let folder = #filePath.replacing(
        "Tests/TestSupport/TestDatabase.swift", with: "Migrations")
    static let migrated: Result<TemplateDatabase, any Error> = Result {
        try TemplateDatabase(named: "test_template_\(fingerprint(of: folder))", like: nil) {
            try Migrations.apply(folder, on: $0)
        }
    }

    /// One made from another.
    init(of other: TemplateDatabase, called name: String, _ make: (Connection) throws -> Void) throws {
        try self.init(named: "\(other.name)_\(name)", like: other, make)
    }

    private init(named name: String, like other: TemplateDatabase?, _ make: (Connection) throws -> Void)
        throws
    {
        self.name = name
        let server = Connection(try clusterURL())
        if try Self.exists(name, in: server) { return }
        let draft = "test_draft_" + UUID().uuidString.replacing("-", with: "").lowercased()
        try server.runScript("CREATE DATABASE \(draft)" + (other.map { " TEMPLATE \($0.name)" } ?? ""))
        do { try make(Connection(try clusterURL(database: draft))) } catch {
            try? server.runScript("DROP DATABASE \(draft) WITH (FORCE)")
            throw error
        }
        do { try server.runScript("ALTER DATABASE \(draft) RENAME TO \(name)") } catch {
            // Another run was quicker.
            try? server.runScript("DROP DATABASE \(draft) WITH (FORCE)")
            guard try Self.exists(name, in: server) else { throw error }
        }
    }

    private static func exists(_ name: String, in server: Connection) throws -> Bool {
        try server.transaction(.readOnly) { transaction in
            try transaction.value("SELECT true FROM pg_database WHERE datname = \(name)") ?? false
        }
    }

    /// FNV-1a over all files: only to tell one state of the folder from another.
    private static func fingerprint(of folder: String) throws -> String {
        var hash: UInt64 = 0xcbf2_9ce4_8422_2325
        for file in try FileManager.default.contentsOfDirectory(atPath: folder).sorted() {
            for byte in Data(file.utf8)
                + (FileManager.default.contents(atPath: folder + "/" + file) ?? Data())
            {
                hash = (hash ^ UInt64(byte)) &* 0x100_0000_01b3
            }
        }
        return String(hash, radix: 16)
    }
}

extension Connection {
    /// Connects now, so that what follows a start line does not begin with it.
    public func warmUp() throws { _ = try transaction { try $0.run("SELECT 1") } }
}

extension Connection {
    /// A step of a test, in a transaction of its own: `try records { try $0.person("c") }`.
    @discardableResult
    public func callAsFunction<Value>(_ step: (borrowing Transaction) throws -> Value) throws -> Value {
        try transaction { try step($0) }
    }
}
