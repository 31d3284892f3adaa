import Foundation
import Groundwork
import Testing

/// The file that queue and bus stand on.
@Suite struct JournalTests {
    @Test func `wherever a crash cuts the file, what is whole is kept, and what comes next is too`()
        async throws
    {
        try await withTemporaryFolder { folder in
            let path = folder + "/log"
            let entries = ["one", "two \u{1F3A7}", "three"]
            do {
                let journal = try Journal<String>(path: path)
                try journal.append(Array(entries.prefix(2)), synced: true)
                try journal.append([entries[2]], synced: false)
            }
            let whole = try Data(contentsOf: URL(filePath: path))
            // An entry is whole without the end of its line.
            let ends = whole.indices.filter { whole[$0] == 0x0A }
            #expect(ends.count == 3)
            for length in 0...whole.count {
                try whole.prefix(length).write(to: URL(filePath: path))
                let kept = Array(entries.prefix(ends.count { $0 <= length }))
                do {
                    let journal = try Journal<String>(path: path)
                    #expect(try journal.entries() == kept, "cut after \(length) bytes")
                    try journal.append(["new"], synced: false)
                }
                #expect(
                    try Journal<String>(path: path).entries() == kept + ["new"], "cut after \(length) bytes")
            }
        }
    }

    @Test func `a byte that turned on the disk costs its own line alone`() async throws {
        try await withTemporaryFolder { folder in
            let path = folder + "/log"
            try Journal<String>(path: path).append(["one", "two"], synced: true)
            let whole = try Data(contentsOf: URL(filePath: path))
            let end = try #require(whole.firstIndex(of: 0x0A))
            // Nothing is read off the space between checksum and entry.
            for place in 0..<end where place != 8 {
                var turned = whole
                turned[place] ^= 0x01
                try turned.write(to: URL(filePath: path))
                #expect(try Journal<String>(path: path).entries() == ["two"], "byte \(place)")
            }
        }
    }

    @Test func `begun anew, it holds what it was given and takes more`() async throws {
        try await withTemporaryFolder { folder in
            let path = folder + "/log"
            let journal = try Journal<String>(path: path)
            try journal.append(["one", "two", "three"], synced: false)
            try journal.replace(with: ["three"])
            try journal.append(["four"], synced: true)
            #expect(journal.lines == 2)
            #expect(try Journal<String>(path: path).entries() == ["three", "four"])
        }
    }
}
