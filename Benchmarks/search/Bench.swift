import Bookshop
import Foundation
import Postgres
import Records
import TestSupport

/// What one kind of question took, again and again.
struct Result {
    let name: String
    var milliseconds: [Double] = []
    var reading: [Reading] = []

    func percentile(_ share: Double) -> Double {
        let sorted = milliseconds.sorted()
        return sorted[min(sorted.count - 1, Int(Double(sorted.count) * share))]
    }
}

struct Bench {
    let database: TestDatabase
    let books: Int
    var random = Random(state: 0x5EED)
    var results: [Result] = []

    /// Asks so many times, and has some of it explained after.
    mutating func measure(
        _ name: String, as function: String, times: Int = 300, explained: Int = 12,
        _ question: (inout Random) -> (borrowing Transaction) throws -> Void
    ) throws {
        var result = Result(name: name)
        let connection = database.connect(as: function)
        for _ in 0..<3 { try connection.transaction(.readOnly, question(&random)) }
        for round in 0..<times {
            let ask = question(&random)
            let begun = ContinuousClock.now
            try connection.transaction(.readOnly, ask)
            let taken = ContinuousClock.now - begun
            result.milliseconds.append(taken / .milliseconds(1))
            if round < explained { result.reading.append(try database.reading(as: function, ask)) }
        }
        print(
            "\(name): p50 \(rounded(result.percentile(0.5))) ms, p95 \(rounded(result.percentile(0.95))) ms")
        results.append(result)
    }

    func report() throws -> String {
        let version: String = try database.connect().transaction { transaction in
            try transaction.value("SELECT current_setting('server_version')") ?? ""
        }
        var lines = [
            "# Finding books among \(books)", "",
            "Made by `./build.sh bench search`: \(books) generated books with prices in one or two currencies,",
            "asked through `Core/Records` with the rights of the functions. Each time is that of a whole",
            "transaction, from its `BEGIN` to its `COMMIT`. \"Counted anew\" forgets between questions what was",
            "counted before; a function remembers it until something changes. Rows and pages are those that the",
            "plans of twelve questions read, on average; a page has 8 KiB.", "",
            "| | |", "|---|---|", "| processor | \(Machine.processor), \(Machine.cores) cores |",
            "| memory | \(Machine.memory) |", "| load while measuring | \(Machine.load) |",
            "| PostgreSQL | \(version) |", "| date | \(Date().formatted(.iso8601.year().month().day())) |",
            "",
            "| question | times | p50 ms | p95 ms | most ms | rows read | pages read |",
            "|---|---:|---:|---:|---:|---:|---:|",
        ]
        for result in results {
            let count = Double(max(1, result.reading.count))
            let rows = result.reading.map(\.rows).reduce(0, +) / count
            let pages = result.reading.map(\.pages).reduce(0, +) / count
            let times = [0.5, 0.95, 1].map { rounded(result.percentile($0)) }.joined(separator: " | ")
            lines.append(
                "| \(result.name) | \(result.milliseconds.count) | \(times) | \(Int(rows)) | \(Int(pages)) |")
        }
        return lines.joined(separator: "\n") + "\n"
    }
}

func rounded(_ milliseconds: Double) -> String { String(format: "%.1f", milliseconds) }

/// The same numbers each time (SplitMix64).
struct Random: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }

    /// From 1 to `many`; the first most often, as in Zipf's law.
    mutating func zipf(_ many: Int) -> Int {
        min(many, Int(pow(Double(many + 1), Double.random(in: 0..<1, using: &self))))
    }

    mutating func chance(_ share: Double) -> Bool { Double.random(in: 0..<1, using: &self) < share }
}

enum Machine {
    static var processor: String { line("/proc/cpuinfo", "model name") ?? "unknown" }
    static var cores: Int { ProcessInfo.processInfo.activeProcessorCount }
    static var memory: String { line("/proc/meminfo", "MemTotal") ?? "unknown" }
    static var load: String {
        let text = (try? String(contentsOfFile: "/proc/loadavg", encoding: .utf8)) ?? ""
        return text.split(separator: " ").prefix(3).joined(separator: ", ")
    }

    private static func line(_ file: String, _ name: String) -> String? {
        let text = (try? String(contentsOfFile: file, encoding: .utf8)) ?? ""
        let line = text.split(separator: "\n").first { $0.hasPrefix(name) }
        return line?.split(separator: ":").last.map { $0.trimmingCharacters(in: .whitespaces) }
    }
}
