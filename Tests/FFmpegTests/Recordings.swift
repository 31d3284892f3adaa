import Foundation
import Testing

/// A folder of recordings made for one test by flite and ffmpeg.
struct Recordings {
    let folder: String

    init() throws {
        folder = FileManager.default.temporaryDirectory.path + "/recordings-" + UUID().uuidString
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    }

    /// When the test has ended.
    func remove() { try? FileManager.default.removeItem(atPath: folder) }

    func path(_ name: String) -> String { folder + "/" + name }

    @discardableResult
    func ffmpeg(_ arguments: [String], to name: String) throws -> String {
        try run("/usr/bin/ffmpeg", ["-v", "error", "-nostdin", "-y"] + arguments + [path(name)])
        return path(name)
    }

    /// Twelve seconds of a tone.
    @discardableResult
    func tone(_ name: String, _ options: String...) throws -> String {
        try ffmpeg(["-f", "lavfi", "-i", "sine=frequency=440:duration=12"] + options, to: name)
    }

    /// What the file says, in a voice.
    func speech(_ text: String, _ name: String) throws -> String {
        try run("/usr/bin/flite", ["-voice", "slt", "-t", text, "-o", path(name)])
        return path(name)
    }

    /// An audiobook with two chapters, tags and a cover.
    func book(_ name: String) throws -> String {
        let notes = """
            ;FFMETADATA1
            title=Emma
            artist=Jane Austen
            [CHAPTER]
            TIMEBASE=1/1000
            START=0
            END=4000
            title=One
            [CHAPTER]
            TIMEBASE=1/1000
            START=4000
            END=12000
            title=Zwei\\; drei \\= é
            """
        try write(notes, "notes")
        try ffmpeg(["-f", "lavfi", "-i", "color=red:s=64x64:d=1", "-frames:v", "1"], to: "cover.png")
        return try ffmpeg(
            [
                "-f", "lavfi", "-i", "sine=frequency=440:duration=12", "-i", path("notes"), "-i",
                path("cover.png"),
                "-map", "0:a", "-map", "2:v", "-map_metadata", "1", "-c:a", "aac", "-b:a", "64k", "-c:v",
                "copy",
                "-disposition:v", "attached_pic", "-movflags", "+faststart", "-f", "mp4",
            ], to: name)
    }

    @discardableResult
    func write(_ text: String, _ name: String) throws -> String { try write(Data(text.utf8), name) }

    @discardableResult
    func write(_ data: Data, _ name: String) throws -> String {
        try data.write(to: URL(fileURLWithPath: path(name)))
        return path(name)
    }

    /// Its first half, as an upload that broke off.
    func half(_ path: String) throws -> String {
        let whole = try Data(contentsOf: URL(fileURLWithPath: path))
        return try write(
            whole.prefix(whole.count / 2), "half-" + URL(fileURLWithPath: path).lastPathComponent)
    }

    private func run(_ program: String, _ arguments: [String]) throws {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: program)
        process.arguments = arguments
        process.standardInput = FileHandle.nullDevice
        try process.run()
        process.waitUntilExit()
        try #require(process.terminationStatus == 0, "\(program) \(arguments)")
    }
}
