// Measures how quickly books are found among many, by the same Records and with the same rights as the functions:
//     ./build.sh bench search [BOOKS]
// writes Benchmarks/results/search.md. It is no test: what is slow here fails nothing.

import Foundation
import Measuring
import TestSupport

let arguments = CommandLine.arguments.dropFirst()
// Fewer have no hundredth page to turn to.
let books = arguments.first.map { Int($0) ?? 0 } ?? 50_000
guard books >= 5000 else {
    FileHandle.standardError.write(Data("bench search: BOOKS is a number from 5000 on\n".utf8))
    exit(2)
}
let output = arguments.dropFirst().first ?? "Benchmarks/results/search.md"

tell("Making \(books) books …")
try withManyBooks(books) { database in
    var bench = Bench(database)
    try bench.measureLists(of: books)
    try bench.measureSearch()
    try bench.measureSuggestions()
    let told = """
        # Finding books among \(books)

        Made by `./build.sh bench search`: \(books) generated books with prices in one or two currencies,
        asked through `Core/Records` with the rights of the functions. Each time is that of a whole
        transaction, from its `BEGIN` to its `COMMIT`. "Counted anew" forgets between questions what was
        counted before; a function remembers it until something changes. Rows and pages are those that the
        plans of twelve questions read, on average; a page has 8 KiB.

        """
    try publish([told] + Machine.facts(database) + [""] + bench.table(), to: output)
}
