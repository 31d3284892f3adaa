import Foundation
import Postgres
import TestSupport

/// How much the plans of one question read.
struct Reading {
    var rows = 0.0
    var pages = 0.0
}

extension TestDatabase {
    func reading(as function: String, _ ask: (borrowing Transaction) throws -> Void) throws -> Reading {
        let connection = connect(as: function)
        var asked: [SQL] = []
        connection.witness = { asked.append($0) }
        try connection.transaction(.readOnly, ask)
        connection.witness = nil
        var reading = Reading()
        try connection.transaction(.readOnly) { transaction in
            for sql in asked where sql.description.hasPrefix("SELECT") || sql.description.hasPrefix("WITH") {
                let plan: String? = try transaction.value(
                    "EXPLAIN (ANALYZE, BUFFERS, TIMING OFF, FORMAT JSON) \(sql)")
                let tree = try JSONSerialization.jsonObject(with: Data((plan ?? "").utf8))
                guard let root = ((tree as? [Any])?.first as? [String: Any])?["Plan"] as? [String: Any] else {
                    continue
                }
                reading.pages +=
                    Self.number(root, "Shared Hit Blocks") + Self.number(root, "Shared Read Blocks")
                reading.rows += Self.rows(root)
            }
        }
        return reading
    }

    /// What the scans of tables yielded, and what they read and threw away.
    private static func rows(_ node: [String: Any]) -> Double {
        let below = (node["Plans"] as? [[String: Any]] ?? []).map(rows).reduce(0, +)
        guard node["Relation Name"] != nil, (node["Node Type"] as? String)?.hasSuffix("Scan") == true else {
            return below
        }
        let each =
            number(node, "Actual Rows") + number(node, "Rows Removed by Filter")
            + number(node, "Rows Removed by Index Recheck")
        return below + each * max(1, number(node, "Actual Loops"))
    }

    private static func number(_ node: [String: Any], _ name: String) -> Double {
        (node[name] as? NSNumber)?.doubleValue ?? 0
    }
}
