import Cryptography
import Foundation

/// Where everything lives that outlasts a run. One emulator at a time.
final class StateFolder: Sendable {
    let url: URL
    /// Held open, and with it the lock, for as long as the process lives, however it ends.
    private let lock: Int32

    init(_ path: String) throws(Refusal) {
        url = URL(fileURLWithPath: path, isDirectory: true).standardizedFileURL
        do {
            try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
        } catch {
            throw Refusal("The state folder \(url.path) cannot be made: \(Self.reason(error))")
        }
        let file = url.appendingPathComponent("lock").path
        let descriptor = open(file, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else {
            throw Refusal("\(file) cannot be opened: \(String(cString: strerror(errno)))")
        }
        guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
            close(descriptor)
            let owner = (try? String(contentsOfFile: file, encoding: .utf8)) ?? ""
            let named = owner.isEmpty ? "" : " (process \(owner))"
            throw Refusal(
                "Another emulator\(named) uses \(url.path): stop it, or choose another folder with --state.")
        }
        lock = descriptor
        ftruncate(descriptor, 0)
        let text = Array("\(getpid())".utf8)
        guard write(descriptor, text, text.count) == text.count else {
            throw Refusal("\(file) cannot be written: \(String(cString: strerror(errno)))")
        }
    }

    deinit {
        close(lock)
    }

    func path(_ name: String) -> String {
        url.appendingPathComponent(name).path
    }

    /// A text made once and then kept, for nobody else to read.
    func secret(_ name: String, make: () -> String) throws(Refusal) -> String {
        let file = path(name)
        if let text = try? String(contentsOfFile: file, encoding: .utf8), !text.isEmpty { return text }
        let text = make()
        let descriptor = open(file, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o600)
        defer { if descriptor >= 0 { close(descriptor) } }
        let bytes = Array(text.utf8)
        guard descriptor >= 0, write(descriptor, bytes, bytes.count) == bytes.count else {
            throw Refusal("\(file) cannot be written: \(String(cString: strerror(errno)))")
        }
        return text
    }

    private static func reason(_ error: any Error) -> String {
        let underlying = (error as NSError).userInfo[NSUnderlyingErrorKey] as? NSError
        return underlying.map { String(cString: strerror(Int32($0.code))) } ?? error.localizedDescription
    }
}
