import Dispatch
import Foundation
import Synchronization

/// Tells which files below some folders were saved, moved or removed (inotify(7)).
final class FolderWatch: Sendable {
    private struct State {
        /// By the kernel's number for it.
        var folders: [Int32: String] = [:]
        var saved: Set<String> = []
        /// Counts what was heard: who waited for a moment and finds the same count rings.
        var heard = 0
    }

    /// Rings once nothing more was saved for a moment; what it was is taken then.
    let bell: AsyncStream<Void>
    private let rung: AsyncStream<Void>.Continuation
    private let roots: [String]
    private let descriptor: Int32
    private let queue = DispatchQueue(label: "folder-watch")
    private nonisolated(unsafe) let source: any DispatchSourceRead
    private let state = Mutex(State())

    /// Whoever saves many files at once, as an editor or a change of branch does, means one change.
    private static let moment = DispatchTimeInterval.milliseconds(50)
    private static let events = UInt32(
        IN_CLOSE_WRITE | IN_MOVED_TO | IN_MOVED_FROM | IN_DELETE | IN_CREATE | IN_ONLYDIR)

    /// Paths are told as the folders were named.
    init(_ roots: [String]) throws {
        let descriptor = inotify_init1(Int32(IN_CLOEXEC) | Int32(IN_NONBLOCK))
        guard descriptor >= 0 else {
            throw Refusal("Folders cannot be watched: \(String(cString: strerror(errno)))")
        }
        (self.roots, self.descriptor) = (roots, descriptor)
        (bell, rung) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(1))
        source = DispatchSource.makeReadSource(fileDescriptor: descriptor, queue: queue)
        source.setCancelHandler { close(descriptor) }
        source.setEventHandler { [weak self] in
            self?.hearAll()
            self?.ring()
        }
        source.resume()
        // On the queue, so that nothing is heard meanwhile. What lay there before is no news.
        try queue.sync {
            for root in roots { try follow(root) }
            state.withLock { $0.saved = [] }
        }
    }

    deinit {
        source.cancel()
        rung.finish()
    }

    /// What was saved since the last time it was taken, up to this moment.
    func take() -> Set<String> {
        queue.sync { hearAll() }
        return state.withLock { state in
            defer { state.saved = [] }
            return state.saved
        }
    }

    /// Listens to a folder and all below it. Its files may have been there before anybody listened.
    private func follow(_ folder: String) throws(Refusal) {
        let watch = inotify_add_watch(descriptor, folder, Self.events)
        guard watch >= 0 else {
            throw Refusal("\(folder) cannot be watched: \(String(cString: strerror(errno)))")
        }
        state.withLock { $0.folders[watch] = folder }
        for name in (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? [] {
            var isFolder: ObjCBool = false
            let path = "\(folder)/\(name)"
            guard FileManager.default.fileExists(atPath: path, isDirectory: &isFolder) else { continue }
            if isFolder.boolValue {
                if !name.hasPrefix(".") { try follow(path) }
            } else {
                note(path)
            }
        }
    }

    private func hearAll() {
        withUnsafeTemporaryAllocation(byteCount: 64 << 10, alignment: 8) { buffer in
            while true {
                let count = read(descriptor, buffer.baseAddress, buffer.count)
                if count < 0, errno == EINTR { continue }
                guard count > 0 else { return }
                hear(UnsafeRawBufferPointer(rebasing: buffer[..<count]))
            }
        }
    }

    /// Whole events, each a head of four 32-bit numbers and a name that ends with zeros.
    private func hear(_ bytes: UnsafeRawBufferPointer) {
        var rest = bytes[...]
        let headLength = MemoryLayout<inotify_event>.size
        while rest.count >= headLength {
            let event = UnsafeRawBufferPointer(rebasing: rest)
            let watch = event.loadUnaligned(as: Int32.self)
            let kind = event.loadUnaligned(fromByteOffset: 4, as: UInt32.self)
            let length = Int(event.loadUnaligned(fromByteOffset: 12, as: UInt32.self))
            let name = event[headLength..<headLength + length].prefix { $0 != 0 }
            hear(kind, watch, String(decoding: name, as: UTF8.self))
            rest = rest.dropFirst(headLength + length)
        }
    }

    private func hear(_ kind: UInt32, _ watch: Int32, _ name: String) {
        func has(_ bits: Int32) -> Bool { kind & UInt32(bits) != 0 }
        // More happened than the kernel keeps: anything may have been saved.
        if has(IN_Q_OVERFLOW) { return state.withLock { $0.saved.formUnion(roots) } }
        guard let folder = state.withLock({ $0.folders[watch] }) else { return }
        let path = "\(folder)/\(name)"
        if has(IN_IGNORED) {
            _ = state.withLock { $0.folders.removeValue(forKey: watch) }
        } else if !has(IN_ISDIR) {
            // A new file is not yet written: it will be closed.
            if !has(IN_CREATE) { note(path) }
        } else if has(IN_CREATE | IN_MOVED_TO) {
            // One that is gone again has nothing to be told of.
            if !name.hasPrefix(".") { try? follow(path) }
        } else {
            _ = state.withLock { $0.saved.insert(path) }
        }
    }

    /// What editors put beside a file while it is open is none of the sources.
    private func note(_ path: String) {
        let file = URL(fileURLWithPath: path)
        let name = file.lastPathComponent
        guard !name.hasPrefix("."), !name.hasPrefix("#"), !name.hasSuffix("~"), !file.pathExtension.isEmpty
        else { return }
        _ = state.withLock { $0.saved.insert(path) }
    }

    private func ring() {
        let count = state.withLock { state in
            state.heard += 1
            return state.heard
        }
        queue.asyncAfter(deadline: .now() + Self.moment) { [weak self] in
            guard let self else { return }
            if self.state.withLock({ $0.heard == count && !$0.saved.isEmpty }) { self.rung.yield() }
        }
    }
}
