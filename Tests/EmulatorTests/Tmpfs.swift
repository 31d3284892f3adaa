import Foundation

/// A small disk in memory, to fill. Only root may mount one, and not in every container.
struct Tmpfs {
    private let path: String

    static let isPossible: Bool = {
        let folder = FileManager.default.temporaryDirectory.path + "/earshelf-" + UUID().uuidString
        guard mkdir(folder, 0o700) == 0 else { return false }
        defer { rmdir(folder) }
        guard let disk = try? Tmpfs(folder, megabytes: 1) else { return false }
        disk.unmount()
        return true
    }()

    init(_ path: String, megabytes: Int) throws {
        self.path = path
        guard mount("tmpfs", path, "tmpfs", 0, "size=\(megabytes)m") == 0 else {
            throw POSIXError(POSIXErrorCode(rawValue: errno) ?? .EPERM)
        }
    }

    func unmount() { umount2(path, Int32(MNT_DETACH)) }
}
