import Foundation
import Groundwork
import Synchronization

/// Any of OpenAI's file formats to what the recogniser hears: 16 kHz, one channel, 16 bits.
struct AudioDecoder: Sendable {
    static let samplesPerSecond = 16_000

    enum Failure: Error, Equatable {
        case missingTool
        case notAudio
        case tooSlow
    }

    var deadlineSeconds: Int

    private static let demuxers = "wav,w64,flac,mp3,mov,mp4,m4a,3gp,3g2,mj2,ogg,matroska,webm,aac,mpeg"

    func samples(of file: ArraySlice<UInt8>) async throws -> [Int16] {
        let bytes = try await decoded(nameless(file))
        // One by one, five million of them take a debug build as long as to recognise them. Both machines that we
        // are built for keep the lower byte first, as what was decoded does.
        return Array(unsafeUninitializedCapacity: bytes.count / 2) { samples, count in
            count = bytes.copyBytes(to: samples) / 2
        }
    }

    /// A file that is gone with whoever reads it, however they end. No pipe: an MP4 whose index is at its end cannot be
    /// read forwards.
    private func nameless(_ bytes: ArraySlice<UInt8>) throws -> FileHandle {
        let place = FileManager.default.temporaryDirectory.appending(path: "earshelf-\(UUID().uuidString)")
        defer { try? FileManager.default.removeItem(at: place) }
        try Data(bytes).write(to: place)
        return try FileHandle(forReadingFrom: place)
    }

    /// ffmpeg opens nothing but the file, and no playlist that would lead it elsewhere.
    private func decoded(_ input: FileHandle) async throws -> Data {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = [
            "ffmpeg", "-nostdin", "-v", "error", "-protocol_whitelist", "file", "-format_whitelist",
            Self.demuxers, "-i", "/dev/stdin", "-map", "0:a:0", "-vn", "-ac", "1", "-ar",
            String(Self.samplesPerSecond), "-f", "s16le", "-",
        ]
        process.standardInput = input
        process.standardError = FileHandle.nullDevice
        let output = Pipe()
        process.standardOutput = output
        let child = Child(process)
        return try await withTaskCancellationHandler {
            try await withThrowingTaskGroup(of: Data.self) { group in
                group.addTask { try await child.run(reading: output.fileHandleForReading) }
                group.addTask {
                    try await Task.sleep(for: .seconds(deadlineSeconds))
                    child.kill()
                    throw Failure.tooSlow
                }
                defer { group.cancelAll() }
                return try await group.next() ?? Data()
            }
        } onCancel: {
            child.kill()
        }
    }
}

/// One child process, read on a thread that may wait.
private final class Child: Sendable {
    private let process: Mutex<Process>

    init(_ process: sending Process) { self.process = Mutex(process) }

    func run(reading output: FileHandle) async throws -> Data {
        let ended = FirstAnswer<Int32>()
        try process.withLock { process in
            process.terminationHandler = { ended.tell($0.terminationStatus) }
            try process.run()
        }
        let data = await withCheckedContinuation { continuation in
            DispatchQueue.global().async {
                continuation.resume(returning: (try? output.readToEnd()) ?? Data())
            }
        }
        let status = await ended.value
        guard status != 127 else { throw AudioDecoder.Failure.missingTool }
        guard status == 0 else { throw AudioDecoder.Failure.notAudio }
        return data
    }

    func kill() {
        process.withLock { process in
            if process.isRunning { _ = Foundation.kill(process.processIdentifier, SIGKILL) }
        }
    }
}
