import Foundation

/// Named JSON values that survive `kill -9` and loss of power: each change is one line of a log that is on
/// the disk before anyone is told of it. What the log adds up to replaces it when it is next opened.
struct DurableObjects {
    struct Key: Hashable, Sendable {
        var kind: String
        var id: String
    }

    struct Change: Sendable {
        var key: Key
        /// Nil: the object goes.
        var value: JSON?
    }

    struct CannotWrite: Error, CustomStringConvertible {
        var path: String
        var reason: String
        var description: String { "\(path) cannot be written: \(reason)" }
    }

    private var held: Held
    private let log: FileHandle
    private let path: String

    /// An unfinished last line is of a change nobody was told of, and is left out.
    init(file: URL) throws {
        path = file.path
        let folder = file.deletingLastPathComponent()
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        var held = Held()
        if FileManager.default.fileExists(atPath: path) {
            let written = try Data(contentsOf: file)
            let end = written.lastIndex(of: UInt8(ascii: "\n")) ?? written.startIndex
            for line in written[..<end].split(separator: UInt8(ascii: "\n")) {
                for change in try JSON(parsing: line).elements { held.note(Self.change(from: change)) }
            }
        }
        log = try Self.replace(file, with: held)
        self.held = held
    }

    subscript(_ kind: String, _ id: String) -> JSON? { held.values[Key(kind: kind, id: id)] }

    /// In the order in which they were first written.
    func ids(of kind: String) -> [String] { held.order[kind] ?? [] }

    /// All of the changes, or none.
    mutating func commit(_ changes: [Change]) throws(CannotWrite) {
        guard !changes.isEmpty else { return }
        let line = JSON.array(changes.map(Self.entry)).bytes + [UInt8(ascii: "\n")]
        let end = log.offsetInFile
        do {
            try log.write(contentsOf: line)
            try log.synchronize()
        } catch {
            try? log.truncate(atOffset: end)
            throw CannotWrite(path: path, reason: error.localizedDescription)
        }
        changes.forEach { held.note($0) }
    }

    private static func entry(_ change: Change) -> JSON {
        [.string(change.key.kind), .string(change.key.id), change.value ?? .null]
    }

    private static func change(from entry: JSON) -> Change {
        Change(
            key: Key(kind: entry[0].string ?? "", id: entry[1].string ?? ""),
            value: entry[2].isNull ? nil : entry[2])
    }

    /// Writes beside the old log, makes it durable, and only then takes its place.
    private static func replace(_ file: URL, with held: Held) throws -> FileHandle {
        let fresh = file.appendingPathExtension("new")
        let made = FileManager.default.createFile(
            atPath: fresh.path, contents: nil, attributes: [.posixPermissions: 0o600])
        guard made else { throw CannotWrite(path: fresh.path, reason: "it cannot be made") }
        let log = try FileHandle(forWritingTo: fresh)
        for (kind, ids) in held.order.sorted(by: { $0.key < $1.key }) {
            for id in ids {
                let key = Key(kind: kind, id: id)
                let line = JSON.array([entry(Change(key: key, value: held.values[key]))])
                try log.write(contentsOf: line.bytes + [UInt8(ascii: "\n")])
            }
        }
        try log.synchronize()
        guard rename(fresh.path, file.path) == 0 else {
            throw CannotWrite(path: file.path, reason: String(cString: strerror(errno)))
        }
        try synchronizeFolder(file.deletingLastPathComponent())
        return log
    }

    /// A rename is durable once the folder is (fsync(2)).
    private static func synchronizeFolder(_ folder: URL) throws {
        let descriptor = open(folder.path, O_RDONLY | O_DIRECTORY)
        guard descriptor >= 0 else {
            throw CannotWrite(path: folder.path, reason: String(cString: strerror(errno)))
        }
        defer { close(descriptor) }
        guard fsync(descriptor) == 0 else {
            throw CannotWrite(path: folder.path, reason: String(cString: strerror(errno)))
        }
    }
}

/// The values, and the order in which each kind's were first written.
private struct Held {
    var values: [DurableObjects.Key: JSON] = [:]
    var order: [String: [String]] = [:]

    mutating func note(_ change: DurableObjects.Change) {
        guard let value = change.value else {
            if values.removeValue(forKey: change.key) != nil {
                order[change.key.kind]?.removeAll { $0 == change.key.id }
            }
            return
        }
        if values.updateValue(value, forKey: change.key) == nil {
            order[change.key.kind, default: []].append(change.key.id)
        }
    }
}
