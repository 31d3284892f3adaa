import Foundation
import Logging

/// A PostgreSQL of our own, below the state folder, reached by a Unix socket that only its owner may use.
///
/// It is made at the first start and found again at the next, however the last run ended. Should it end while
/// it is needed it is started again.
actor LocalDatabase {
    private let folder: URL
    private let binaries: URL
    private var account: DatabaseAccount
    private let logger: Logger
    private var socketFolder = ""
    private var server: ChildProcess?
    private var will: LastWill?
    private var supervision: Task<Void, Never>?

    private var data: String { folder.appendingPathComponent("data").path }
    private var logPath: String { folder.appendingPathComponent("server.log").path }

    static let name = "earshelf"
    static let startLimit = Duration.seconds(60)
    /// A socket's path, with the zero behind it, fits into 108 bytes (unix(7)).
    static let longestSocketPath = 107

    init(folder: URL, logger: Logger, installations: String = "/usr/lib/postgresql") throws(Refusal) {
        self.folder = folder
        self.logger = logger
        binaries = try Self.newestInstallation(in: installations)
        account = try DatabaseAccount()
    }

    /// In the form of libpq.
    var url: String {
        let host = socketFolder.addingPercentEncoding(withAllowedCharacters: .alphanumerics) ?? socketFolder
        return "postgresql://\(Self.name)@/\(Self.name)?host=\(host)"
    }

    var isUp: Bool { server.map { $0.status == nil } ?? false }

    /// Returns the URL once connections are taken.
    func start() async throws -> String {
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        trimLog()
        let log = try FileHandle.log(at: logPath)
        account = try await account.withAccess(to: ownedFolder(), log: log)
        if !FileManager.default.fileExists(atPath: data + "/PG_VERSION") { try await create(log) }
        try await recover()
        try makeSocketFolder()
        let server = try await launch(log)
        supervision = Task { await supervise(server) }
        return url
    }

    /// Lets running statements go and writes all to disk; within seconds, whatever happens.
    func stop() async {
        supervision?.cancel()
        if let server { await Self.end(server) }
        server = nil
        await will?.revoke()
        will = nil
        if !socketFolder.hasPrefix(folder.path) { rmdir(socketFolder) }
    }

    /// SIGINT is PostgreSQL's fast shutdown, SIGQUIT its immediate one.
    private static func end(_ server: ChildProcess) async {
        for (signal, limit) in [(SIGINT, 5), (SIGQUIT, 2), (SIGKILL, 2)] {
            server.signal(signal)
            if await server.hasEnded(within: .seconds(limit)) { return }
        }
    }

    private func launch(_ log: FileHandle) async throws -> ChildProcess {
        let options = [
            "listen_addresses=", "unix_socket_directories=\(socketFolder)", "unix_socket_permissions=0700",
            "max_connections=200", "timezone=UTC", "log_timezone=UTC", "log_statement=none",
        ]
        let program = [binaries.appendingPathComponent("postgres").path, "-D", data]
        let began = logSize
        let server = try ChildProcess(account.command(program + options.flatMap { ["-c", $0] }), output: log)
        self.server = server
        await will?.revoke()
        will = try LastWill(
            end: server.identifier, named: "postgres", with: ["INT", "QUIT", "KILL"], log: log)
        let end = ContinuousClock.now + Self.startLimit
        while server.status == nil, .now < end {
            if isReady(server) { return server }
            try await Task.sleep(for: .milliseconds(20))
        }
        await Self.end(server)
        throw Refusal("PostgreSQL does not start: \(complaint(after: began)) (all of it: \(logPath))")
    }

    /// The eighth line of its lock file says so, and the first that the file is of this process.
    private func isReady(_ server: ChildProcess) -> Bool {
        let lines = lockFile
        return lines.count > 7 && lines[0] == "\(server.identifier)" && lines[7].hasPrefix("ready")
    }

    private func supervise(_ first: ChildProcess) async {
        var server = first
        while true {
            let status = await server.wait()
            if Task.isCancelled { return }
            logger.error("PostgreSQL ended and is started again", metadata: ["status": "\(status)"])
            do {
                server = try await relaunch()
            } catch {
                if !Task.isCancelled { logger.critical("\(error)") }
                return
            }
        }
    }

    /// Children of the one that died may need a moment to notice.
    private func relaunch() async throws -> ChildProcess {
        for pause in [100, 500, 2000] {
            try await Task.sleep(for: .milliseconds(pause))
            if let server = try? await launch(FileHandle.log(at: logPath)) { return server }
            try Task.checkCancellation()
        }
        return try await launch(FileHandle.log(at: logPath))
    }
}

extension LocalDatabase {
    /// Made beside its place and moved there when it is whole: what is found is never half a database.
    private func create(_ log: FileHandle) async throws {
        let unfinished = data + ".new"
        try? FileManager.default.removeItem(atPath: unfinished)
        try account.makeFolder(unfinished)
        let initialise = [
            "initdb", "-D", unfinished, "--username=\(Self.name)", "--auth=trust", "--encoding=UTF8",
            "--locale=C.UTF-8",
        ]
        try await run(initialise, log)
        let statement = "CREATE DATABASE \(Self.name);\n"
        try await run(["postgres", "--single", "-D", unfinished, "postgres"], input: .text(statement), log)
        guard rename(unfinished, data) == 0 else {
            throw Refusal("\(data) cannot be made: \(String(cString: strerror(errno)))")
        }
    }

    private func run(_ program: [String], input: ChildProcess.Input = .none, _ log: FileHandle) async throws {
        let path = binaries.appendingPathComponent(program[0]).path
        let began = logSize
        let tool = try ChildProcess(account.command([path] + program.dropFirst()), output: log, input: input)
        guard await tool.wait() == 0 else {
            throw Refusal("The database cannot be made: \(complaint(after: began)) (all of it: \(logPath))")
        }
    }

    /// A server left behind by a killed emulator is stopped; the lock file of one that is gone is removed
    /// when its number now belongs to another program. Otherwise it stays: PostgreSQL itself knows when it is
    /// stale, and needs it to tell whether children of the dead one still write.
    private func recover() async throws {
        guard let number = lockFile.first.flatMap({ Int32($0) }), kill(number, 0) == 0 || errno == EPERM
        else {
            return
        }
        let program = (try? Data(contentsOf: URL(fileURLWithPath: "/proc/\(number)/cmdline"))) ?? Data()
        let words = program.split(separator: 0).map { String(decoding: $0, as: UTF8.self) }
        guard words.first?.hasSuffix("postgres") == true, words.contains(data) else {
            unlink(data + "/postmaster.pid")
            return
        }
        logger.warning("stopping the PostgreSQL of a run that was killed", metadata: ["process": "\(number)"])
        for (signal, seconds) in [(SIGINT, 5), (SIGQUIT, 5), (SIGKILL, 5)] {
            kill(number, signal)
            let end = ContinuousClock.now + .seconds(seconds)
            while kill(number, 0) == 0, .now < end { try await Task.sleep(for: .milliseconds(20)) }
            if kill(number, 0) != 0 { return }
        }
    }

    private func ownedFolder() throws -> String {
        let path = folder.appendingPathComponent("socket").path
        try account.makeFolder(path)
        return path
    }

    /// Below the state folder; in `/tmp`, under a name nobody can foresee, where that is too long a path.
    private func makeSocketFolder() throws {
        let near = folder.appendingPathComponent("socket").path
        if near.utf8.count + "/.s.PGSQL.5432.lock".utf8.count <= Self.longestSocketPath {
            socketFolder = near
            // Of a server that is gone, by now; its lock's number may be another program's.
            for name in [".s.PGSQL.5432", ".s.PGSQL.5432.lock"] { unlink("\(near)/\(name)") }
            return
        }
        var template = Array("/tmp/earshelf-XXXXXX".utf8CString)
        guard mkdtemp(&template) != nil else {
            throw Refusal("No folder can be made in /tmp: \(String(cString: strerror(errno)))")
        }
        socketFolder = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
        try account.makeFolder(socketFolder)
    }

    private var lockFile: [String] {
        let text = (try? String(contentsOfFile: data + "/postmaster.pid", encoding: .utf8)) ?? ""
        return text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
    }

    private var logSize: UInt64 {
        let attributes = try? FileManager.default.attributesOfItem(atPath: logPath)
        return (attributes?[.size] as? NSNumber)?.uint64Value ?? 0
    }

    private func trimLog() {
        if logSize > 10 << 20 { truncate(logPath, 0) }
    }

    /// What a person should read of the log: that the disk is full, or the last thing that went wrong.
    private func complaint(after offset: UInt64) -> String {
        guard let file = FileHandle(forReadingAtPath: logPath) else { return "nothing is logged" }
        defer { try? file.close() }
        try? file.seek(toOffset: offset)
        let text = String(decoding: (try? file.readToEnd()) ?? Data(), as: UTF8.self)
        if text.contains("No space left on device") { return "the disk of \(folder.path) is full" }
        let lines = text.split(separator: "\n")
        let wrong = lines.last { line in
            ["FATAL:", "PANIC:", "error:", "ERROR:", "setpriv:"].contains { line.contains($0) }
        }
        return String(wrong ?? lines.last ?? "nothing is logged")
    }

    static func newestInstallation(in folder: String) throws(Refusal) -> URL {
        let versions = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
        let found = versions.compactMap { Int($0) }.sorted(by: >).first { version in
            ["postgres", "initdb"].allSatisfy { access("\(folder)/\(version)/bin/\($0)", X_OK) == 0 }
        }
        guard let found else {
            throw Refusal(
                "PostgreSQL is missing (\(folder)/*/bin): apt-get install postgresql, or set DATABASE_URL.")
        }
        return URL(fileURLWithPath: "\(folder)/\(found)/bin", isDirectory: true)
    }
}
