// Measures how quickly a phrase is found in what was said, by the same Records and with the rights of the function:
//     ./build.sh bench passages [PHRASES…]
// writes Benchmarks/results/passages.md. Without numbers it is asked among one million and among ten, which takes 20 GB
// on the disk and most of an hour. It is no test: what is slow here fails nothing.

import Foundation
import Measuring
import TestSupport

let sizes = CommandLine.arguments.dropFirst().map { Int($0) ?? 0 }
// The library of 300 books is a part of the shop, at every size.
guard sizes.allSatisfy({ $0 >= 301 * SpokenBook.phrases }), sizes == sizes.sorted() else {
    let told = "bench passages: PHRASES are numbers from \(301 * SpokenBook.phrases) on, in ascending order\n"
    FileHandle.standardError.write(Data(told.utf8))
    exit(2)
}

try withDatabase { database in
    var shop = try SpokenShop(database)
    var report = [
        """
        # Finding phrases

        Made by `./build.sh bench passages`: generated books of \(SpokenBook.phrases) phrases, of
        \(SpokenBook.words.lowerBound) to \(SpokenBook.words.upperBound) words each by Zipf's law from a vocabulary of
        \(Vocabulary.count), each word with its time; asked through `Core/Records` with the rights of the function
        `library`, the first page. Each time is that of a whole transaction, from its `BEGIN` to its `COMMIT`. A
        phrase is three words as they were said somewhere in the books that are searched; a slip swaps two letters of
        one, or leaves one out. The whole shop is the library of somebody who owns every book. Rows and pages are
        those that the plans of twelve questions read, on average; a page has 8 KiB.

        """
    ]
    for size in sizes.isEmpty ? [1_000_000, 10_000_000] : sizes {
        let filled = try shop.fill(upTo: size / SpokenBook.phrases)
        var bench = Bench(database)
        try bench.measurePassages(of: shop)
        report += ["## \(shop.books.count * SpokenBook.phrases) phrases in \(shop.books.count) books", ""]
        report += try shop.facts(filled) + [""] + bench.table() + [""]
    }
    try publish(report + Machine.facts(database), to: "Benchmarks/results/passages.md")
}
