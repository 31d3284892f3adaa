import Foundation

/// What a process and its descendants hold in memory, as Linux accounts for it.
enum ProcessMemory {
    /// The larger of what the process held at its peak and what it and its descendants hold now, in bytes.
    /// Sampled, for a limit on address space would refuse what is only reserved.
    static func used(by process: pid_t) -> Int {
        max(peak(of: process), resident(process))
    }

    private static func peak(of process: pid_t) -> Int {
        guard let status = read("/proc/\(process)/status"), let start = status.range(of: "VmHWM:") else {
            return 0
        }
        let digits = status[start.upperBound...].drop { !$0.isNumber }.prefix { $0.isNumber }
        return (Int(digits) ?? 0) * 1_024
    }

    private static func resident(_ process: pid_t) -> Int {
        guard let statm = read("/proc/\(process)/statm") else { return 0 }
        let fields = statm.split(separator: " ")
        let pages = fields.count > 1 ? Int(fields[1]) ?? 0 : 0
        let children = read("/proc/\(process)/task/\(process)/children") ?? ""
        let own = pages * Int(sysconf(Int32(_SC_PAGESIZE)))
        return children.split(separator: " ").compactMap { pid_t($0) }.reduce(own) { $0 + resident($1) }
    }

    private static func read(_ path: String) -> String? {
        let file = open(path, O_RDONLY | O_CLOEXEC)
        guard file >= 0 else { return nil }
        defer { close(file) }
        return withUnsafeTemporaryAllocation(byteCount: 4_096, alignment: 1) { buffer in
            let count = Foundation.read(file, buffer.baseAddress, buffer.count)
            return count > 0 ? String(decoding: buffer[..<count], as: UTF8.self) : nil
        }
    }
}
