import Foundation
import Groundwork

@testable import StandIns

/// The shop's side of a running stand-in.
struct OpenAIShop: Sendable {
    let address: String
    var key = "sk-earshelf-local"

    func transcribe(
        _ file: [UInt8], named name: String = "speech.wav", _ fields: [(String, String)] = [],
        model: String? = "whisper-1"
    ) async throws -> Reply {
        let boundary = "earshelf-boundary"
        var body: [UInt8] = []
        for (name, value) in fields + (model.map { [("model", $0)] } ?? []) {
            body += Array(
                "--\(boundary)\r\ncontent-disposition: form-data; name=\"\(name)\"\r\n\r\n\(value)\r\n".utf8)
        }
        let head = "content-disposition: form-data; name=\"file\"; filename=\"\(name)\""
        body += Array("--\(boundary)\r\n\(head)\r\ncontent-type: audio/wav\r\n\r\n".utf8)
        body += file + Array("\r\n--\(boundary)--\r\n".utf8)
        return try await send(
            "POST", "\(address)/v1/audio/transcriptions",
            headers: [
                "authorization": "Bearer \(key)", "content-type": "multipart/form-data; boundary=\(boundary)",
            ], body: body)
    }

    /// By curl, which hangs up when the task is cancelled. What it ends with is 22 after an answer of 400 and above.
    func transcribeByCurl(_ file: [UInt8]) async throws -> Int32 {
        let path = FileManager.default.temporaryDirectory.appending(path: "earshelf-\(UUID().uuidString)")
            .path
        try Data(file).write(to: URL(fileURLWithPath: path))
        defer { unlink(path) }
        let curl = Process()
        curl.executableURL = URL(fileURLWithPath: "/usr/bin/curl")
        curl.arguments = [
            "--silent", "--fail", "--noproxy", "*", "--max-time", "60", "--output", "/dev/null",
            "--header", "authorization: Bearer \(key)", "--form", "model=whisper-1",
            "--form", "file=@\(path);filename=speech.wav;type=audio/wav",
            "\(address)/v1/audio/transcriptions",
        ]
        let ended = FirstAnswer<Int32>()
        curl.terminationHandler = { ended.tell($0.terminationStatus) }
        try curl.run()
        let process = curl.processIdentifier
        return await withTaskCancellationHandler {
            await ended.value
        } onCancel: {
            kill(process, SIGKILL)
        }
    }

    func chat(_ body: JSON) async throws -> Reply {
        try await send(
            "POST", "\(address)/v1/chat/completions",
            headers: ["authorization": "Bearer \(key)", "content-type": "application/json"], body: body.bytes)
    }

    func get(_ path: String) async throws -> Reply {
        try await send("GET", "\(address)/v1/\(path)", headers: ["authorization": "Bearer \(key)"])
    }
}

func withOpenAI<Result: Sendable>(
    _ settings: (inout OpenAIStandIn.Configuration) -> Void = { _ in },
    _ body: (OpenAIShop) async throws -> Result
) async throws -> Result {
    var configuration = OpenAIStandIn.Configuration()
    configuration.port = 0
    settings(&configuration)
    let openAI = try OpenAIStandIn(configuration, logger: quiet)
    return try await running({ try await openAI.run() }) {
        try await body(OpenAIShop(address: openAI.address))
    }
}

enum Speech {
    /// Lewis Carroll, Alice's Adventures in Wonderland (1865), in the public domain.
    static let alice = """
        Alice was beginning to get very tired of sitting by her sister on the bank, and of having nothing \
        to do. Once or twice she had peeped into the book her sister was reading, but it had no pictures \
        or conversations in it. And what is the use of a book, thought Alice, without pictures or \
        conversations? There was nothing so very remarkable in that, nor did Alice think it so very much \
        out of the way to hear the rabbit say to itself, oh dear, I shall be late.
        """
    static let short = "The fire burned brightly. I went to the woods because I wished to live deliberately."

    /// A recording of the text by one of flite's voices.
    static func spoken(_ text: String, by voice: String) throws -> [UInt8] {
        let name = FileManager.default.temporaryDirectory.appending(path: UUID().uuidString)
        let (script, wave) = (name.appendingPathExtension("txt"), name.appendingPathExtension("wav"))
        defer { [script, wave].forEach { try? FileManager.default.removeItem(at: $0) } }
        // From a file it pauses after each sentence, as a reader does.
        try Data(text.utf8).write(to: script)
        try run("flite", ["-voice", voice, "-f", script.path, "-o", wave.path])
        return [UInt8](try Data(contentsOf: wave))
    }

    /// One after the other in one file; flite's begin with 44 bytes, of which the last four say how many follow.
    static func repeated(_ wave: [UInt8], times: Int) -> [UInt8] {
        var sound: [UInt8] = []
        for _ in 1...times { sound += wave[44...] }
        return wave.prefix(40) + withUnsafeBytes(of: UInt32(sound.count).littleEndian, Array.init) + sound
    }

    /// The same sound in another container.
    static func converted(_ wave: [UInt8], to name: String) throws -> [UInt8] {
        let folder = FileManager.default.temporaryDirectory.appending(path: UUID().uuidString)
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        try Data(wave).write(to: folder.appending(path: "in.wav"))
        let output = folder.appending(path: name)
        try run("ffmpeg", ["-v", "error", "-i", folder.appending(path: "in.wav").path, output.path])
        return [UInt8](try Data(contentsOf: output))
    }

    private static func run(_ tool: String, _ arguments: [String]) throws {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = [tool] + arguments
        process.standardInput = FileHandle.nullDevice
        try process.run()
        process.waitUntilExit()
        struct Failed: Error { var tool: String }
        guard process.terminationStatus == 0 else { throw Failed(tool: tool) }
    }

    /// Substitutions, insertions and deletions for each word of the text.
    static func wordErrorRate(of heard: String, against text: String) -> Double {
        let (said, heard) = (words(text), words(heard))
        var row = Array(0...heard.count)
        for (index, word) in said.enumerated() {
            var diagonal = row[0]
            row[0] = index + 1
            for column in heard.indices {
                let substituted = diagonal + (word == heard[column] ? 0 : 1)
                diagonal = row[column + 1]
                row[column + 1] = min(substituted, diagonal + 1, row[column] + 1)
            }
        }
        return Double(row[heard.count]) / Double(max(said.count, 1))
    }

    private static func words(_ text: String) -> [String] {
        text.lowercased().split { !($0.isLetter || $0.isNumber || $0 == "'") }.map(String.init)
    }
}
