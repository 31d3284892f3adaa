import Foundation
public import Postgres

/// One node of a plan that reads a table from its beginning to its end.
public struct WholeRead: Hashable, Sendable, CustomStringConvertible {
    public let table: String
    public let statement: String
    public var description: String { "\(table) is read as a whole by: \(statement)" }
}

extension TestDatabase {
    /// Does something as a function would, then has each of its queries explained with the rights and settings
    /// that it had, and answers where a table of at least so many rows would be read as a whole.
    ///
    /// - Returns: what was found, and how many queries were explained.
    public func wholeReads(
        ofTablesFrom rows: Int = 500, as function: String, _ story: (Connection) throws -> Void
    ) throws -> (found: [WholeRead], explained: Int) {
        let connection = connect(as: function)
        let asked = Asked()
        connection.witness = { asked.statements.append($0) }
        try story(connection)
        connection.witness = nil
        let large = try Set(
            connect().transaction { transaction in
                try transaction.values(
                    "SELECT relname FROM pg_class WHERE relkind = 'r' AND reltuples >= \(rows)",
                    as: String.self)
            })
        let queries = asked.statements.filter { sql in
            ["SELECT", "WITH", "UPDATE", "DELETE", "INSERT"].contains { sql.description.hasPrefix($0) }
        }
        let found = try connection.transaction { transaction in
            try queries.flatMap { sql -> [WholeRead] in
                let plan: String? = try transaction.value("EXPLAIN (FORMAT JSON) \(sql)")
                // What a query sets for those after it, it sets here too.
                if sql.description.contains("set_config") { try transaction.run(sql) }
                return Self.wholeReads(in: try JSONSerialization.jsonObject(with: Data((plan ?? "").utf8)))
                    .filter(large.contains).map { WholeRead(table: $0, statement: sql.description) }
            }
        }
        return (found, queries.count)
    }

    private static func wholeReads(in plan: Any) -> [String] {
        if let list = plan as? [Any] { return list.flatMap(wholeReads) }
        guard let node = plan as? [String: Any] else { return [] }
        let own = node["Node Type"] as? String == "Seq Scan" ? [node["Relation Name"] as? String ?? "?"] : []
        return own + wholeReads(in: node["Plan"] as Any) + wholeReads(in: node["Plans"] as Any)
    }
}

private final class Asked {
    var statements: [SQL] = []
}
