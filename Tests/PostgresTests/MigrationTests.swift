import Foundation
import Postgres
import Testing

@Suite struct MigrationTests {
    private func withFolder(_ files: [String: String], _ body: (String) throws -> Void) throws {
        let folder = FileManager.default.temporaryDirectory.path + "/migrations-" + UUID().uuidString
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        try write(files, to: folder)
        try body(folder)
    }

    private func write(_ files: [String: String], to folder: String) throws {
        for (name, script) in files {
            try script.write(toFile: folder + "/" + name, atomically: true, encoding: .utf8)
        }
    }

    private let books = ["0001_books.sql": "CREATE TABLE books (id int);\nINSERT INTO books VALUES (1);"]

    @Test func `files are applied once, in order`() throws {
        try withDatabase { url in
            try withFolder(books) { folder in
                let connection = Connection(url, role: "no_such_role")
                #expect(try Migrations.apply(folder, on: connection) == ["0001_books.sql"])
                #expect(try Migrations.apply(folder, on: connection) == [])
                try write(
                    ["0002_titles.sql": "ALTER TABLE books ADD title text;", "README": "x"], to: folder)
                #expect(try Migrations.apply(folder, on: connection) == ["0002_titles.sql"])
                #expect(try Connection(url).value("SELECT count(*) FROM books WHERE title IS NULL") == 1)
            }
        }
    }

    @Test func `an applied file that was edited is refused`() throws {
        try withDatabase { url in
            try withFolder(books) { folder in
                try Migrations.apply(folder, on: Connection(url))
                try write(["0001_books.sql": "SELECT 1;", "0002_more.sql": "SELECT 1;"], to: folder)
                let error = #expect(throws: MigrationError.self) {
                    try Migrations.apply(folder, on: Connection(url))
                }
                #expect(error == .edited("0001_books.sql"))
            }
        }
    }

    @Test func `an applied file that is gone is refused, even when none is left`() throws {
        try withDatabase { url in
            try withFolder(books) { folder in try Migrations.apply(folder, on: Connection(url)) }
            for rest in [[:], ["0002_more.sql": "SELECT 1;"]] {
                try withFolder(rest) { folder in
                    let error = #expect(throws: MigrationError.self) {
                        try Migrations.apply(folder, on: Connection(url))
                    }
                    #expect(error == .missing("0001_books.sql"))
                }
            }
        }
    }

    @Test func `a file that comes before an applied one is refused`() throws {
        try withDatabase { url in
            try withFolder(["0002_b.sql": "SELECT 1;"]) { folder in
                try Migrations.apply(folder, on: Connection(url))
                try write(["0001_a.sql": "SELECT 1;"], to: folder)
                let error = #expect(throws: MigrationError.self) {
                    try Migrations.apply(folder, on: Connection(url))
                }
                #expect(error == .late("0001_a.sql", after: "0002_b.sql"))
            }
        }
    }

    @Test func `a file that fails leaves nothing of itself, and tells its line`() throws {
        try withDatabase { url in
            let bad = "CREATE TABLE people (id int);\n\nCREATE TABEL places (id int);"
            try withFolder(books.merging(["0002_bad.sql": bad]) { $1 }) { folder in
                let error = try #require(throws: MigrationError.self) {
                    try Migrations.apply(folder, on: Connection(url))
                }
                #expect(error.description.hasPrefix("0002_bad.sql:3: 42601 syntax error"))
                #expect(try Connection(url).value("SELECT to_regclass('people') IS NULL") == true)
                #expect(try Connection(url).value("SELECT count(*) FROM public.schema_migrations") == 1)
            }
        }
    }

    @Test func `a file that ends its transaction is refused`() throws {
        try withDatabase { url in
            try withFolder(["0001_commits.sql": "CREATE TABLE a (); COMMIT;"]) { folder in
                #expect(throws: MigrationError.self) { try Migrations.apply(folder, on: Connection(url)) }
            }
        }
    }

    @Test(arguments: [
        (["books.sql": ""], MigrationError.badlyNamed("books.sql")),
        (["0001_a.sql": "", "0001_b.sql": ""], .sameNumber("0001_a.sql", "0001_b.sql")),
    ])
    func `a folder whose order cannot be told is refused`(files: [String: String], expected: MigrationError)
        throws
    {
        try withFolder(files) { folder in
            let error = #expect(throws: MigrationError.self) {
                try Migrations.apply(folder, on: Connection("unused"))
            }
            #expect(error == expected)
        }
    }

    @Test func `a folder that is not there is no empty folder`() throws {
        let error = #expect(throws: MigrationError.self) {
            try Migrations.apply("/nowhere", on: Connection("unused"))
        }
        #expect(error == .unreadable("/nowhere"))
    }

    @Test func `eight at once apply each file once`() throws {
        try withDatabase { url in
            try withFolder(books) { folder in
                let applied = Applied()
                DispatchQueue.concurrentPerform(iterations: 8) { _ in
                    applied.append(Result { try Migrations.apply(folder, on: Connection(url)) })
                }
                let names = try applied.all.flatMap { try $0.get() }
                #expect(names == ["0001_books.sql"])
                #expect(try Connection(url).value("SELECT count(*) FROM books") == 1)
            }
        }
    }

    private final class Applied: @unchecked Sendable {
        private let lock = NSLock()
        private var results: [Result<[String], any Error>] = []
        var all: [Result<[String], any Error>] { lock.withLock { results } }
        func append(_ result: Result<[String], any Error>) { lock.withLock { results.append(result) } }
    }
}
