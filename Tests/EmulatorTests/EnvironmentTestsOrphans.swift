import Foundation
import Testing

@Suite struct EnvironmentOrphanTests {
    /// The emulator killed with kill -9, in the shape of a small program over the same C.
    @Test func `nothing is left when the emulator is killed`() async throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: "earshelf-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        try Self.emulator(writingTo: folder).write(
            to: folder.appending(path: "main.c"), atomically: true, encoding: .utf8)
        try Self.compile(folder)
        let emulator = Process()
        emulator.executableURL = folder.appending(path: "main")
        try emulator.run()
        var numbers: [Int32] = []
        try await eventually("all started") {
            let files = ["children", "grandchild"].map { folder.appending(path: $0) }
            numbers = try files.filter { FileManager.default.fileExists(atPath: $0.path) }
                .flatMap { try String(contentsOf: $0, encoding: .utf8).split { $0.isWhitespace } }
                .compactMap { Int32($0) }
            return numbers.count == 3
        }
        #expect(numbers.allSatisfy { processState($0) != nil })
        kill(emulator.processIdentifier, SIGKILL)
        emulator.waitUntilExit()
        for number in numbers {
            try await eventually("\(number) is gone") { processState(number) == nil }
        }
    }

    /// What the emulator does with this C, and nothing else.
    private static func emulator(writingTo folder: URL) -> String {
        """
        #include "CProcess.h"
        #include <stdio.h>
        #include <unistd.h>
        int main(void) {
            int ends[2], output[2];
            process_pipe(ends);
            process_pipe(output);
            pid_t guardian = process_guardian(ends[0]), child;
            char *arguments[] = {"sh", "-c", "sleep 1000 & echo $! > \(folder.path)/grandchild; wait", 0};
            char *variables[] = {"PATH=/usr/bin:/bin", 0};
            process_start("/bin/sh", arguments, variables, "/", output[1], &child);
            write(ends[1], &child, sizeof child);
            FILE *file = fopen("\(folder.path)/children", "w");
            fprintf(file, "%d %d\\n", guardian, child);
            fclose(file);
            for (;;) pause();
        }
        """
    }

    private static func compile(_ folder: URL) throws {
        let source = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent().appending(path: "Emulator/CProcess")
        let compiler = Process()
        compiler.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        compiler.arguments = [
            "clang", "-pthread", "-I", source.path + "/include", source.path + "/CProcess.c",
            folder.path + "/main.c", "-o", folder.path + "/main",
        ]
        try compiler.run()
        compiler.waitUntilExit()
    }
}
