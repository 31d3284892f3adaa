import Foundation
import Synchronization

/// The programs that run, in a folder of their own: while one is being linked anew, or failed to be, the one
/// before is started.
final class StagedPrograms: Sendable {
    /// One build of a program.
    private struct Build: Equatable {
        let number: UInt64
        let size: UInt64
        let written: Date

        init?(_ path: String) {
            guard let file = try? FileManager.default.attributesOfItem(atPath: path),
                let number = file[.systemFileNumber] as? NSNumber, let size = file[.size] as? NSNumber,
                let written = file[.modificationDate] as? Date
            else { return nil }
            (self.number, self.size, self.written) = (number.uint64Value, size.uint64Value, written)
        }
    }

    let folder: URL
    private let products: URL
    private let names: [String]
    private let staged = Mutex<[String: Build]>([:])

    /// Stages all of them as they are. `folder` is emptied first.
    init(_ names: [String], of products: URL, in folder: URL) throws {
        (self.folder, self.products, self.names) = (folder, products, names)
        try? FileManager.default.removeItem(at: folder)
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        _ = try renew()
    }

    /// Puts what was built anew in the place of what was before, each program at one stroke, and says which.
    func renew() throws -> [String] {
        try names.filter { name in
            let product = products.appending(path: name)
            guard let build = Build(product.path), build != staged.withLock({ $0[name] }) else {
                return false
            }
            let files = FileManager.default
            let new = folder.appending(path: name + ".new")
            try? files.removeItem(at: new)
            // Linkers write a new file and leave the old one to whoever has another name for it. A folder on
            // another file system takes a copy.
            do { try files.linkItem(at: product, to: new) } catch { try files.copyItem(at: product, to: new) }
            guard rename(new.path, folder.appending(path: name).path) == 0 else {
                throw Refusal("\(new.path) cannot be renamed: \(String(cString: strerror(errno)))")
            }
            staged.withLock { $0[name] = build }
            return true
        }
    }
}
