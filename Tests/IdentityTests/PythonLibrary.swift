import Foundation
import Testing

/// Asks a library of Python's, by a script beside this file.
enum PythonLibrary {
    static let python = ProcessInfo.processInfo.environment["EARSHELF_PYTHON"]

    /// JSON goes in and JSON comes out; the seed is the script's only argument.
    static func answer<Answer: Decodable>(
        to question: some Encodable, by name: String, seed: String, needing library: String
    ) throws -> Answer {
        let process = Process()
        let script = URL(filePath: #filePath).deletingLastPathComponent().appending(path: name)
        process.executableURL = URL(filePath: "/usr/bin/env")
        process.arguments = [try #require(python), script.path, seed]
        let (input, output) = (Pipe(), Pipe())
        (process.standardInput, process.standardOutput) = (input, output)
        try process.run()
        try input.fileHandleForWriting.write(contentsOf: JSONEncoder().encode(question))
        try input.fileHandleForWriting.close()
        let json = try output.fileHandleForReading.readToEnd() ?? Data()
        process.waitUntilExit()
        try #require(process.terminationStatus == 0, "EARSHELF_PYTHON must have \(library)")
        return try JSONDecoder().decode(Answer.self, from: json)
    }
}
