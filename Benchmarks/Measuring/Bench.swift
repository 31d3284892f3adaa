import Foundation
public import Postgres
public import TestSupport

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

/// Asks a database the same kinds of questions as the functions do, and keeps what each took.
public struct Bench {
    public let database: TestDatabase
    public var random = Random(state: 0x5EED)
    private var results: [Result] = []

    public init(_ database: TestDatabase) {
        self.database = database
    }

    /// Asks so many times, and has some of it explained after. Each time is that of a whole transaction.
    public mutating func measure(
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
        tell(
            "\(name): p50 \(rounded(result.percentile(0.5))) ms, p95 \(rounded(result.percentile(0.95))) ms")
        results.append(result)
    }

    /// Lines of Markdown: each question with what it took, and what its plans read on average.
    public func table() -> [String] {
        [
            "| question | times | p50 ms | p95 ms | most ms | rows read | pages read |",
            "|---|---:|---:|---:|---:|---:|---:|",
        ]
            + results.map { result in
                let count = Double(max(1, result.reading.count))
                let rows = result.reading.map(\.rows).reduce(0, +) / count
                let pages = result.reading.map(\.pages).reduce(0, +) / count
                let times = [0.5, 0.95, 1].map { rounded(result.percentile($0)) }.joined(separator: " | ")
                return
                    "| \(result.name) | \(result.milliseconds.count) | \(times) | \(Int(rows)) | \(Int(pages)) |"
            }
    }
}

func rounded(_ milliseconds: Double) -> String { String(format: "%.1f", milliseconds) }

/// Says at once how far it is, wherever the output goes.
public func tell(_ line: String) { FileHandle.standardError.write(Data("\(line)\n".utf8)) }
