import Cryptography
import Foundation

/// What happened, in the order it happened, in a file that only grows, a line each: a checksum, then JSON. A line that
/// a crash cut short fails its checksum and is left out.
public final class Journal<Entry: Codable> {
    private let path: String
    private var descriptor: Int32
    private var length = 0
    public private(set) var lines = 0

    public init(path: String) throws {
        self.path = path
        descriptor = open(path, O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw SystemFault("open", path) }
        try Durable.syncFolder(of: path)
    }

    deinit { close(descriptor) }

    /// What the file says.
    public func entries() throws -> [Entry] {
        let content = try Data(contentsOf: URL(filePath: path))
        let decoder = JSONDecoder()
        var entries: [Entry] = []
        for line in content.split(separator: 0x0A) {
            guard line.count > 9,
                String(decoding: line.prefix(8), as: UTF8.self) == Self.sum(line.dropFirst(9))
            else { continue }
            entries.append(try decoder.decode(Entry.self, from: line.dropFirst(9)))
        }
        // What follows a line cut short must begin a line of its own.
        if let last = content.last, last != 0x0A { try write(Data([0x0A])) }
        length = Int(lseek(descriptor, 0, SEEK_END))
        lines = entries.count
        return entries
    }

    /// All of them or none. `synced` entries survive a power cut too; the others only the process's end.
    public func append(_ entries: [Entry], synced: Bool) throws {
        do {
            try write(Self.text(entries))
            if synced, fdatasync(descriptor) != 0 { throw SystemFault("fdatasync", path) }
        } catch {
            ftruncate(descriptor, off_t(length))
            throw error
        }
        length = Int(lseek(descriptor, 0, SEEK_END))
        lines += entries.count
    }

    /// Begins anew with no more than leads to the present.
    public func replace(with entries: [Entry]) throws {
        let temporary = path + ".part"
        let new = open(temporary, O_RDWR | O_CREAT | O_TRUNC | O_APPEND | O_CLOEXEC, 0o600)
        guard new >= 0 else { throw SystemFault("open", temporary) }
        do {
            try Durable.put(Self.text(entries), into: new, named: temporary)
            guard fsync(new) == 0 else { throw SystemFault("fsync", temporary) }
            guard rename(temporary, path) == 0 else { throw SystemFault("rename", path) }
        } catch {
            close(new)
            unlink(temporary)
            throw error
        }
        // From here on the old file has no name, and what is written to it is lost.
        close(descriptor)
        descriptor = new
        length = Int(lseek(descriptor, 0, SEEK_END))
        lines = entries.count
        try Durable.syncFolder(of: path)
    }

    private func write(_ content: Data) throws(SystemFault) {
        try Durable.put(content, into: descriptor, named: path)
    }

    private static func text(_ entries: [Entry]) throws -> Data {
        let encoder = JSONEncoder()
        var text = Data()
        for entry in entries {
            let content = try encoder.encode(entry)
            text += Data(sum(content).utf8) + [0x20] + content + [0x0A]
        }
        return text
    }

    private static func sum(_ content: Data) -> String {
        Hex.encoded(CRC32C.hash(Array(content)))
    }
}
