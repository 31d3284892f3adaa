import Foundation

/// The repository this test was compiled from.
enum Tree {
    static let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent()

    static func text(_ path: String) throws -> String {
        try String(contentsOf: root.appending(path: path), encoding: .utf8)
    }

    static func folders(in path: String) throws -> Set<String> {
        let entries = try FileManager.default.contentsOfDirectory(
            at: root.appending(path: path), includingPropertiesForKeys: [.isDirectoryKey])
        return Set(
            try entries.filter { try $0.resourceValues(forKeys: [.isDirectoryKey]).isDirectory == true }
                .map(\.lastPathComponent))
    }

    /// All that was ever done to the schema.
    static func migrations() throws -> String {
        try FileManager.default.contentsOfDirectory(atPath: root.appending(path: "Migrations").path)
            .filter { $0.hasSuffix(".sql") }.map { try text("Migrations/\($0)") }.joined()
    }

    /// The Swift files below these folders, by their path from the root.
    static func sources(_ folders: [String]) throws -> [(path: String, text: String)] {
        var sources: [(path: String, text: String)] = []
        for folder in folders {
            let walk = FileManager.default.enumerator(atPath: root.appending(path: folder).path)
            while let entry = walk?.nextObject() as? String {
                guard entry.hasSuffix(".swift") else { continue }
                sources.append(("\(folder)/\(entry)", try text("\(folder)/\(entry)")))
            }
        }
        return sources.sorted { $0.path < $1.path }
    }
}
