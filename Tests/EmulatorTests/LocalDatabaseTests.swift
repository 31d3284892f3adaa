import Foundation
import Testing

@testable import emulator

/// A folder that is gone after the test.
func withStateFolder(_ name: String = "", _ body: (URL) async throws -> Void) async throws {
    let root = URL(fileURLWithPath: "/tmp/earshelf-test-\(UUID().uuidString.prefix(8))")
    let folder = name.isEmpty ? root : root.appendingPathComponent(name)
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: root) }
    try await body(folder)
}

private func withDatabase(_ folder: URL, _ body: (LocalDatabase, String) async throws -> Void) async throws {
    let database = try LocalDatabase(folder: folder.appendingPathComponent("postgres"), logger: quiet)
    let url = try await database.start()
    do {
        try await body(database, url)
    } catch {
        await database.stop()
        throw error
    }
    await database.stop()
}

/// What psql prints; what it complains of when it fails.
private func psql(_ url: String, _ statement: String) async throws -> String {
    let path = "/tmp/earshelf-psql-\(UUID().uuidString)"
    defer { unlink(path) }
    let tool = try ChildProcess(
        ["/usr/bin/psql", "-X", "-At", url, "-c", statement], output: FileHandle.log(at: path))
    _ = await tool.wait()
    return try String(contentsOfFile: path, encoding: .utf8).trimmingCharacters(in: .newlines)
}

private func serverProcess(_ folder: URL) throws -> Int32 {
    let file = folder.appendingPathComponent("postgres/data/postmaster.pid")
    let line = try String(contentsOf: file, encoding: .utf8).split(separator: "\n")[0]
    return try #require(Int32(line))
}

@Suite struct LocalDatabaseTests {
    @Test func `a second start finds what the first wrote, and stopping leaves no process`() async throws {
        try await withStateFolder { folder async throws in
            try await withDatabase(folder) { _, url async throws in
                #expect(
                    try await psql(url, "CREATE TABLE kept AS SELECT 7 AS n; SHOW timezone").hasSuffix("UTC"))
            }
            try await withDatabase(folder) { _, url async throws in
                #expect(try await psql(url, "SELECT n FROM kept") == "7")
                let process = try serverProcess(folder)
                #expect(kill(process, 0) == 0)
            }
            #expect(!FileManager.default.fileExists(atPath: folder.path + "/postgres/data/postmaster.pid"))
        }
    }

    @Test func `a path too long for a socket is no hindrance`() async throws {
        try await withStateFolder(String(repeating: "long-", count: 25)) { folder async throws in
            var used = ""
            try await withDatabase(folder) { _, url async throws in
                #expect(try await psql(url, "SELECT 1") == "1")
                used = url
            }
            let host = try #require(used.split(separator: "=").last?.removingPercentEncoding)
            #expect(host.hasPrefix("/tmp/earshelf-"))
            #expect(!FileManager.default.fileExists(atPath: host))
        }
    }

    @Test func `a server that was killed is started again`() async throws {
        try await withStateFolder { folder async throws in
            try await withDatabase(folder) { _, url async throws in
                _ = try await psql(url, "CREATE TABLE kept AS SELECT 7 AS n")
                let killed = try serverProcess(folder)
                kill(killed, SIGKILL)
                var answer = ""
                while answer != "7" { answer = try await psql(url, "SELECT n FROM kept") }
                #expect(try serverProcess(folder) != killed)
            }
        }
    }

    @Test func `a lock file whose number is another program's now does not stop the start`() async throws {
        try await withStateFolder { folder async throws in
            try await withDatabase(folder) { _, _ in }
            let file = folder.appendingPathComponent("postgres/data/postmaster.pid")
            let data = folder.path + "/postgres/data"
            try Data("\(getpid())\n\(data)\n1\n5432\n/tmp\n\n 1 1\nready\n".utf8).write(to: file)
            try await withDatabase(folder) { _, url async throws in
                #expect(try await psql(url, "SELECT 1") == "1")
            }
        }
    }

    @Test func `a database half made is made anew`() async throws {
        try await withStateFolder { folder async throws in
            let half = folder.appendingPathComponent("postgres/data.new")
            try FileManager.default.createDirectory(at: half, withIntermediateDirectories: true)
            try Data("15".utf8).write(to: half.appendingPathComponent("PG_VERSION"))
            try await withDatabase(folder) { _, url async throws in
                #expect(try await psql(url, "SELECT 1") == "1")
            }
        }
    }

    @Test func `without PostgreSQL one line says how to get it`() async throws {
        try await withStateFolder { folder async throws in
            let expected = "(\(folder.path)/*/bin): apt-get install postgresql, or set DATABASE_URL."
            #expect(throws: Refusal("PostgreSQL is missing \(expected)")) {
                try LocalDatabase(folder: folder, logger: quiet, installations: folder.path)
            }
        }
    }
}
