internal import Bookshop
internal import FoundationEssentials
internal import Glibc

/// A folder of this process, empty when it is opened: what a run before it left that was killed is cleared away first,
/// for the disk of an environment outlives it.
struct WorkFolder {
    private let place: String

    /// Below `root`, or `TMPDIR`; open as long as `body` runs.
    static func open<Value>(in root: String?, _ body: (WorkFolder) throws -> Value) throws -> Value {
        let root = root ?? ProcessInfo.processInfo.environment["TMPDIR"] ?? "/tmp"
        let folder = WorkFolder(place: "\(root)/earshelf-bindery-\(getpid())")
        try? FileManager.default.removeItem(atPath: folder.place)
        defer { try? FileManager.default.removeItem(atPath: folder.place) }
        try FileManager.default.createDirectory(
            atPath: folder.place, withIntermediateDirectories: true, attributes: nil)
        return try body(folder)
    }

    func path(of name: String) -> String { "\(place)/\(name)" }

    /// Where it is.
    func write(_ text: String, as name: String) throws(AudioError) -> String {
        try write(Array(text.utf8), as: name)
    }

    func write(_ bytes: [UInt8], as name: String) throws(AudioError) -> String {
        let path = path(of: name)
        do { try Data(bytes).write(to: URL(filePath: path)) } catch {
            throw .failed("the disk took no \(name)")
        }
        return path
    }

    func text(of name: String) throws(AudioError) -> String {
        guard let bytes = FileManager.default.contents(atPath: path(of: name)) else {
            throw .failed("ffmpeg wrote no \(name)")
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    func file(_ name: String) throws(AudioError) -> MadeFile {
        let path = path(of: name)
        var facts = stat()
        guard stat(path, &facts) == 0, facts.st_size > 0 else { throw .failed("ffmpeg wrote no \(name)") }
        return MadeFile(bytes: Int(facts.st_size)) { take in
            let descriptor = Glibc.open(path, O_RDONLY | O_CLOEXEC)
            guard descriptor >= 0 else { throw AudioError.failed("\(name) is gone") }
            defer { close(descriptor) }
            var buffer = [UInt8](repeating: 0, count: 1 << 20)
            while true {
                let count = Glibc.read(descriptor, &buffer, buffer.count)
                guard count >= 0 else { throw AudioError.failed("\(name) cannot be read") }
                guard count > 0 else { return }
                try take(Array(buffer[..<count]))
            }
        }
    }
}
