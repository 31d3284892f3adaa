internal import FoundationEssentials

/// The schema's way from nothing to now: `0001_shop.sql`, `0002_….sql`, forwards only, each file one
/// transaction.
public enum Migrations {
    /// Applies what is not yet applied, and answers the names of those files. Safe to run from many processes
    /// at once. Runs with the rights of the login, whatever the connection's role.
    ///
    /// Throws `MigrationError` when the folder and the database do not belong together.
    @discardableResult
    public static func apply(_ folder: String, on connection: Connection) throws -> [String] {
        var files = try read(folder)
        try prepare(connection)
        let known = try connection.locked { transaction in
            for index in files.indices { try files[index].sign(in: transaction) }
            return try check(files, in: transaction)
        }
        let missing = files.filter { file in !known.contains { $0.number == file.number } }
        return try missing.filter { try apply($0, of: files, on: connection) }.map(\.name)
    }

    private struct File {
        let number: Int
        let name: String
        let script: String
        var checksum: [UInt8]?

        mutating func sign(in transaction: borrowing Transaction) throws(PostgresError) {
            checksum = try transaction.value("SELECT sha256(convert_to(\(script), 'UTF8'))")
        }
    }

    private struct Applied: RowDecodable {
        let number: Int
        let name: String
        let checksum: [UInt8]

        init(_ row: borrowing Row) throws(PostgresError) {
            number = try row["number"]
            name = try row["name"]
            checksum = try row["checksum"]
        }
    }

    private static func read(_ folder: String) throws -> [File] {
        guard let names = try? FileManager.default.contentsOfDirectory(atPath: folder) else {
            throw MigrationError.unreadable(folder)
        }
        var files: [File] = []
        for name in names.filter({ $0.hasSuffix(".sql") }).sorted() {
            let digits = name.utf8.prefix(4)
            guard digits.allSatisfy({ (48...57).contains($0) }), let number = Int(String(digits) ?? ""),
                name.utf8.dropFirst(4).first == UInt8(ascii: "_")
            else { throw MigrationError.badlyNamed(name) }
            guard files.last?.number != number else {
                throw MigrationError.sameNumber(files.last!.name, name)
            }
            guard let data = FileManager.default.contents(atPath: folder + "/" + name),
                let script = String(validating: data, as: UTF8.self)
            else { throw MigrationError.unreadable(name) }
            files.append(File(number: number, name: name, script: script))
        }
        return files
    }

    private static func prepare(_ connection: Connection) throws {
        try connection.locked { transaction in
            try transaction.runScript(
                """
                CREATE TABLE IF NOT EXISTS public.schema_migrations (
                    number integer PRIMARY KEY,
                    name text NOT NULL,
                    checksum bytea NOT NULL CHECK (octet_length(checksum) = 32),
                    applied_at timestamptz NOT NULL DEFAULT now()
                )
                """)
        }
    }

    private static func apply(_ file: File, of files: [File], on connection: Connection) throws -> Bool {
        try connection.locked { transaction in
            let applied = try check(files, in: transaction)
            guard !applied.contains(where: { $0.number == file.number }) else { return false }
            do throws(PostgresError) { try transaction.runScript(file.script) } catch {
                throw MigrationError.refused(
                    file.name, line: line(of: error.position, in: file.script), error)
            }
            try transaction.run(
                """
                INSERT INTO public.schema_migrations (number, name, checksum)
                VALUES (\(file.number), \(file.name), \(file.checksum))
                """)
            return true
        }
    }

    /// What was applied must be what the folder holds, unchanged, with nothing slipped in before it.
    @discardableResult
    private static func check(_ files: [File], in transaction: borrowing Transaction) throws -> [Applied] {
        let applied: [Applied] = try transaction.all(
            "SELECT number, name, checksum FROM public.schema_migrations ORDER BY number")
        for record in applied {
            guard let file = files.first(where: { $0.number == record.number }) else {
                throw MigrationError.missing(record.name)
            }
            guard file.checksum == record.checksum else { throw MigrationError.edited(file.name) }
        }
        let late = files.first { file in
            file.number < applied.last?.number ?? 0 && !applied.contains { $0.number == file.number }
        }
        if let late { throw MigrationError.late(late.name, after: applied.last!.name) }
        return applied
    }

    private static func line(of position: Int?, in script: String) -> Int? {
        position.map { position in
            1 + script.unicodeScalars.prefix(position - 1).count { $0 == "\n" }
        }
    }
}

extension Connection {
    /// Alone among all who migrate this database. The wait for the others is as long as the deadline allows;
    /// the wait for a table's lock is not, or everyone else would queue up behind a migration that waits for
    /// one slow query.
    @discardableResult
    fileprivate func locked<Value>(_ body: (borrowing Transaction) throws -> Value) throws -> Value {
        try transaction(.readCommitted, attempts: 1, as: nil) { transaction in
            let patience: String? = try transaction.value("SELECT current_setting('lock_timeout')")
            // The key is the ASCII of "earshelf".
            try transaction.runScript(
                "SET LOCAL lock_timeout = 0; SELECT pg_advisory_xact_lock(7305804402566063206)")
            try transaction.run("SELECT set_config('lock_timeout', \(patience), true)")
            return try body(transaction)
        }
    }
}
