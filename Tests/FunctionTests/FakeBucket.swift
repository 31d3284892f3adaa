import Core
import Foundation
import TestSupport

/// A storage that lists what is in it, in pages, and does as a test says.
final class FakeBucket {
    var objects: [String: (bytes: Int, hours: Double)] = [:]
    var parts: [StoredName: Double] = [:]
    var pageSize = 1000
    /// What it was asked, in order: `list u/ behind KEY`, `remove KEY`.
    var asked: [String] = []
    /// What comes between a question and its answer.
    var meanwhile: (_ question: String) throws -> Void = { _ in }

    func put(_ key: String, hours: Double = 100, bytes: Int = 10) { objects[key] = (bytes, hours) }
    var removed: [String] { asked.filter { $0.hasPrefix("remove ") }.map { String($0.dropFirst(7)) } }

    /// The cleanup over it.
    func shop(_ database: TestDatabase, dry: Bool = false) -> Shop {
        var shop = database.shop(of: "cleanup")
        shop.cleanupTerms = CleanupTerms(graceHours: 48, editionGraceDays: 30, isDryRun: dry)!
        shop.inventory = Inventory(
            objects: { [self] _, prefix, mark in
                let behind = objects.keys.filter { $0.hasPrefix(prefix) && $0 > mark?.key ?? "" }.sorted()
                let lines = behind.prefix(pageSize).map { key in
                    line(StoredName(key: key), objects[key]?.bytes ?? 0, objects[key]?.hours ?? 0)
                }
                try ask("list \(prefix) behind \(mark?.key ?? "-")")
                return StoredLines(lines: lines, isLast: behind.count <= pageSize)
            },
            parts: { [self] _, mark in
                try ask("list parts")
                let behind = parts.keys.sorted { ($0.key, $0.multipart) < ($1.key, $1.multipart) }.filter {
                    ($0.key, $0.multipart) > (mark?.key ?? "", mark?.multipart ?? "")
                }
                let lines = behind.prefix(pageSize).map { line($0, 0, parts[$0] ?? 0) }
                return StoredLines(lines: lines, isLast: behind.count <= pageSize)
            })
        shop.storage.remove = { [self] _, key in
            try ask("remove \(key)")
            objects[key] = nil
        }
        shop.multipart.abort = { [self] _, key, name in
            try ask("abort \(name)")
            parts[StoredName(key: key, multipart: name)] = nil
        }
        return shop
    }

    private func ask(_ question: String) throws {
        asked.append(question)
        try meanwhile(question)
    }

    private func line(_ name: StoredName, _ bytes: Int, _ hours: Double) -> StoredLine {
        StoredLine(name: name, bytes: bytes, modifiedAt: Date(timeIntervalSinceNow: -hours * 3600))
    }
}

extension TestDatabase {
    /// The totals of the last round: `kept cover 1 70`.
    func cleanupTotals() throws -> [String] {
        try prepared { transaction in
            try transaction.values(
                """
                SELECT concat_ws(' ', verdict, reason, objects, bytes) FROM production.cleanup_totals
                WHERE cleanup_id = (SELECT max(id) FROM production.cleanups) ORDER BY 1
                """)
        }
    }

    /// As if the last round had begun a day ago.
    func nextDay() throws {
        _ = try prepared {
            try $0.run("UPDATE production.cleanups SET began_at = began_at - interval '1 day'")
        }
    }
}

/// That a function was killed.
struct Killed: Error {}
