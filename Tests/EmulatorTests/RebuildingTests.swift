import Foundation
import Testing

@testable import emulator

/// Sources are files whose text is the program; a build copies them to where products are.
@Suite struct RebuildingTests {
    @Test func `what is saved, made or removed is told, in new folders too, and what editors leave is not`()
        async throws
    {
        try await withTemporaryFolder { folder in
            try write("", folder + "/Core/old.swift")
            let watch = try FolderWatch([folder])
            try write("1", folder + "/Core/old.swift")
            try write("2", folder + "/Core/New/Deep/new.swift")
            try write("3", folder + "/Core/.old.swift.swp")
            try write("4", folder + "/Core/old.swift~")
            try write("5", folder + "/Core/4913")
            let saved = try await told(by: watch, until: "\(folder)/Core/New/Deep/new.swift")
            #expect(saved.contains("\(folder)/Core/old.swift"))
            #expect(saved.allSatisfy { $0.hasSuffix(".swift") })
            unlink(folder + "/Core/old.swift")
            _ = try await told(by: watch, until: "\(folder)/Core/old.swift")
            rename(folder + "/Core/New/Deep/new.swift", folder + "/Core/moved.swift")
            _ = try await told(by: watch, until: "\(folder)/Core/moved.swift")
        }
    }

    @Test func `a folder that is not there is named`() {
        #expect(throws: Refusal("/nowhere cannot be watched: No such file or directory")) {
            try FolderWatch(["/nowhere"])
        }
    }

    @Test func `while a program is written anew, or is gone, the one before is staged`() async throws {
        try await withTemporaryFolder { folder in
            let products = URL(fileURLWithPath: folder)
            for name in ["a", "b"] { try write("old", "\(folder)/\(name)") }
            let programs = try StagedPrograms(
                ["a", "b"], of: products, in: products.appending(path: "staged"))
            func staged() throws -> [String] {
                try ["a", "b"].map { try String(contentsOfFile: "\(folder)/staged/\($0)", encoding: .utf8) }
            }
            // As a linker does it.
            unlink(folder + "/a")
            try write("half", folder + "/a")
            unlink(folder + "/b")
            #expect(try staged() == ["old", "old"])
            unlink(folder + "/a")
            #expect(try programs.renew().isEmpty)
            try write("new", folder + "/a")
            #expect(try programs.renew() == ["a"])
            #expect(try staged() == ["new", "old"])
            #expect(try programs.renew().isEmpty)
        }
    }

    @Test func `what is under way is answered by the program it began with, what comes next by the new one`()
        async throws
    {
        let workshop = try await Workshop("def handle(event): return wait(event, 'old')")
        #expect(try await workshop.ask() == "old")
        let gate = workshop.folder + "/gate"
        async let underWay = workshop.ask(#"{"until": "\#(gate)"}"#)
        try await eventually("it is under way") { FileManager.default.fileExists(atPath: gate + ".begun") }
        try workshop.save("def handle(event): return wait(event, 'new')")
        try await eventually("it is live") { workshop.said.contains { $0.hasPrefix("Live") } }
        #expect(try await workshop.ask() == "new")
        try write("", gate)
        #expect(try await underWay == "old")
        await workshop.end()
    }

    @Test func `what cannot be built changes nothing`() async throws {
        let workshop = try await Workshop("def handle(event): return 'old'")
        try workshop.save("broken")
        try await eventually("it is said") { workshop.said.contains { $0.hasPrefix("It was not built") } }
        #expect(try String(contentsOfFile: workshop.folder + "/output", encoding: .utf8) == "error: broken\n")
        #expect(try await workshop.ask() == "old")
        try workshop.save("def handle(event): return 'mended'")
        try await eventually("it is live") { workshop.said.contains { $0.hasPrefix("Live") } }
        #expect(try await workshop.ask() == "mended")
        await workshop.end()
    }

    @Test func `what is saved during a build is in the next one, however much it is`() async throws {
        let workshop = try await Workshop("def handle(event): return 0")
        try write("", workshop.folder + "/hold")
        try workshop.save("def handle(event): return 1")
        try await eventually("the first is begun") { workshop.builds.count == 1 }
        for number in 2...20 {
            try workshop.save("def handle(event): return \(number)")
            try write("\(number)", workshop.folder + "/sources/f.dir/\(number).swift")
        }
        unlink(workshop.folder + "/hold")
        try await eventually("the last is live") {
            workshop.said.filter { $0.hasPrefix("Live") }.count == 2
        }
        #expect(workshop.builds.count == 2)
        #expect(workshop.builds.last?.split(separator: " ").count == 20)
        #expect(try await workshop.ask() == "20")
        await workshop.end()
    }
}

/// Waits until this file is told of; all that was told by then.
private func told(by watch: FolderWatch, until path: String) async throws -> Set<String> {
    var saved: Set<String> = []
    try await eventually("\(path) is told of") {
        saved.formUnion(watch.take())
        return saved.contains(path)
    }
    return saved
}

func write(_ text: String, _ path: String) throws {
    let file = URL(fileURLWithPath: path)
    try FileManager.default.createDirectory(
        at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
    try text.write(to: file, atomically: false, encoding: .utf8)
}
