// Measures how quickly books are found among many, by the same Records and with the same rights as the functions:
//     ./build.sh bench search [BOOKS]
// writes Benchmarks/results/search.md. It is no test: what is slow here fails nothing.

import Foundation
import TestSupport

let arguments = CommandLine.arguments.dropFirst()
// Fewer have no hundredth page to turn to.
let books = arguments.first.map { Int($0) ?? 0 } ?? 50_000
guard books >= 5000 else {
    FileHandle.standardError.write(Data("bench search: BOOKS is a number from 5000 on\n".utf8))
    exit(2)
}
let output = arguments.dropFirst().first ?? "Benchmarks/results/search.md"

print("Making \(books) books …")
let report = try withManyBooks(books) { database in
    var bench = Bench(database: database, books: books)
    try bench.measureLists()
    try bench.measureSearch()
    try bench.measureSuggestions()
    return try bench.report()
}
print(report)
let file = URL(fileURLWithPath: output)
try FileManager.default.createDirectory(
    at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
try report.write(to: file, atomically: true, encoding: .utf8)
