public import Foundation

/// What the kernel refused.
public struct SystemFault: Error, CustomStringConvertible {
    public let call: String
    public let path: String
    public let code: Int32

    public init(_ call: String, _ path: String) {
        (self.call, self.path, code) = (call, path, errno)
    }

    public var isDiskFull: Bool { code == ENOSPC || code == EDQUOT || code == EFBIG }
    public var description: String { "\(call) \(path): \(String(cString: strerror(code)))" }
}

/// Files that are there after a power cut, or not at all.
public enum Durable {
    /// Old content or new, never half of it: a temporary file, synced, takes the name, and the folder is
    /// synced.
    public static func write(_ content: Data, to path: String) throws(SystemFault) {
        let temporary = path + ".part"
        let descriptor = open(temporary, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw SystemFault("open", temporary) }
        do throws(SystemFault) {
            defer { close(descriptor) }
            try put(content, into: descriptor, named: temporary)
            guard fsync(descriptor) == 0 else { throw SystemFault("fsync", temporary) }
        } catch {
            unlink(temporary)
            throw error
        }
        try move(temporary, to: path)
    }

    public static func put(_ content: Data, into descriptor: Int32, named path: String) throws(SystemFault) {
        let bytes = Array(content)
        try bytes.span.bytes.withUnsafeBytes { bytes throws(SystemFault) in
            try put(bytes, into: descriptor, named: path)
        }
    }

    public static func put(
        _ bytes: UnsafeRawBufferPointer, into descriptor: Int32, named path: String
    ) throws(SystemFault) {
        var rest = bytes
        while !rest.isEmpty {
            let written = Glibc.write(descriptor, rest.baseAddress, rest.count)
            if written < 0 {
                if errno == EINTR { continue }
                throw SystemFault("write", path)
            }
            rest = UnsafeRawBufferPointer(rebasing: rest[written...])
        }
    }

    public static func move(_ source: String, to path: String) throws(SystemFault) {
        guard rename(source, path) == 0 else {
            let fault = SystemFault("rename", path)
            unlink(source)
            throw fault
        }
        try syncFolder(of: path)
    }

    /// A file that is not there is removed already.
    public static func remove(_ path: String) throws(SystemFault) {
        guard unlink(path) == 0 || errno == ENOENT else { throw SystemFault("unlink", path) }
        try syncFolder(of: path)
    }

    public static func syncFolder(of path: String) throws(SystemFault) {
        let folder = path.lastIndex(of: "/").map { String(path[..<$0]) } ?? "."
        let descriptor = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard descriptor >= 0 else { throw SystemFault("open", folder) }
        defer { close(descriptor) }
        guard fsync(descriptor) == 0 else { throw SystemFault("fsync", folder) }
    }

    public static func makeFolder(_ path: String) throws(SystemFault) {
        guard mkdir(path, 0o700) == 0 || errno == EEXIST else { throw SystemFault("mkdir", path) }
    }

    public static func names(in folder: String) throws(SystemFault) -> [String] {
        do {
            return try FileManager.default.contentsOfDirectory(atPath: folder)
        } catch {
            throw SystemFault("list", folder)
        }
    }
}
