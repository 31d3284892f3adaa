import Foundation
import Testing

/// What of the style can be counted.
@Suite struct SourceTests {
    static let all = ["Core", "Functions", "Emulator", "Tests", "Benchmarks"]

    @Test func `no file is longer than 300 lines, and no line than 120 columns`() throws {
        for (path, text) in try Tree.sources(Self.all) {
            let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
            #expect(lines.count <= 301, "\(path) has \(lines.count) lines")
            // What a test quotes is as long as it is.
            for (index, line) in lines.enumerated() where line.count > 120 && !path.hasPrefix("Tests/") {
                Issue.record("\(path):\(index + 1) has \(line.count) columns")
            }
        }
    }

    @Test func `a function's story is at most 70 lines`() throws {
        for (path, text) in try Tree.sources(["Functions"]) where path.hasSuffix("/main.swift") {
            let lines = text.split(separator: "\n", omittingEmptySubsequences: false).count
            #expect(lines <= 71, "\(path) has \(lines) lines: give what it says a name of its own")
        }
    }

    @Test func `Core and Functions never import all of Foundation`() throws {
        for (path, text) in try Tree.sources(["Core", "Functions"]) {
            #expect(text.firstMatch(of: #/(?m)^[a-z ]*import Foundation$/#) == nil, "\(path)")
        }
    }

    @Test func `the shop's rules import nothing but FoundationEssentials`() throws {
        for (path, text) in try Tree.sources(["Core/Bookshop"]) {
            for match in text.matches(of: #/(?m)^[a-z ]*import (\w+)$/#) {
                #expect(match.1 == "FoundationEssentials", "\(path) imports \(match.1)")
            }
        }
    }

    @Test func `functions and Core wait for nothing asynchronously`() throws {
        for (path, text) in try Tree.sources(["Core", "Functions"]) {
            #expect(isComment(text), "\(path)")
        }
    }

    @Test func `nothing is left open in the sources`() throws {
        for (path, text) in try Tree.sources(Self.all) where !path.hasPrefix("Tests/TidyTests") {
            #expect(text.firstMatch(of: #/\b(TODO|FIXME|HACK)\b/#) == nil, "\(path)")
        }
    }

    /// Whether the word stands in comments alone.
    private func isComment(_ text: String) -> Bool {
        !text.split(separator: "\n").contains { line in
            line.contains("await") && !line.drop(while: \.isWhitespace).hasPrefix("//")
        }
    }
}
