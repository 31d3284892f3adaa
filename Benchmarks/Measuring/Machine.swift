import Foundation
import Postgres
public import TestSupport

/// What was measured on.
public enum Machine {
    /// Lines of Markdown.
    public static func facts(_ database: TestDatabase) throws -> [String] {
        let version: String? = try database.connect().transaction { transaction in
            try transaction.value("SELECT current_setting('server_version')")
        }
        return [
            "| | |", "|---|---|", "| processor | \(processor), \(cores) cores |", "| memory | \(memory) |",
            "| load while measuring | \(load) |", "| PostgreSQL | \(version ?? "unknown") |",
            "| date | \(Date().formatted(.iso8601.year().month().day())) |",
        ]
    }

    private static var processor: String { line("/proc/cpuinfo", "model name") ?? "unknown" }
    private static var cores: Int { ProcessInfo.processInfo.activeProcessorCount }
    private static var memory: String { line("/proc/meminfo", "MemTotal") ?? "unknown" }
    private static var load: String {
        let text = (try? String(contentsOfFile: "/proc/loadavg", encoding: .utf8)) ?? ""
        return text.split(separator: " ").prefix(3).joined(separator: ", ")
    }

    private static func line(_ file: String, _ name: String) -> String? {
        let text = (try? String(contentsOfFile: file, encoding: .utf8)) ?? ""
        let line = text.split(separator: "\n").first { $0.hasPrefix(name) }
        return line?.split(separator: ":").last.map { $0.trimmingCharacters(in: .whitespaces) }
    }
}

/// Writes what was found to a file of the results, and shows it.
public func publish(_ report: [String], to path: String) throws {
    let text = report.joined(separator: "\n") + "\n"
    print(text)
    let file = URL(fileURLWithPath: path)
    try FileManager.default.createDirectory(
        at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
    try text.write(to: file, atomically: true, encoding: .utf8)
}
