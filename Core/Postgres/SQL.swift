/// A statement and its values. What is interpolated is bound, and never becomes text:
/// `"SELECT title FROM audiobooks WHERE id = \(id)"` is sent as `… WHERE id = $1`. A `SQL` interpolated into
/// another becomes part of it, its values numbered on.
public struct SQL: ExpressibleByStringInterpolation, Sendable {
    enum Piece: Sendable {
        case text(String)
        /// A value to be bound; nil is NULL.
        case value(String?)
    }

    var pieces: [Piece]

    public init(stringLiteral text: String) { pieces = [.text(text)] }
    public init(stringInterpolation parts: Parts) { pieces = parts.pieces }
    init(pieces: [Piece]) { self.pieces = pieces }

    public struct Parts: StringInterpolationProtocol {
        var pieces: [Piece] = []

        public init(literalCapacity: Int, interpolationCount: Int) {
            pieces.reserveCapacity(interpolationCount * 2 + 1)
        }

        public mutating func appendLiteral(_ literal: String) { pieces.append(.text(literal)) }

        public mutating func appendInterpolation<Value: SQLValue>(_ value: Value?) {
            pieces.append(.value(value?.sqlText))
        }

        public mutating func appendInterpolation(_ fragment: SQL) { pieces += fragment.pieces }

        /// A number that becomes part of the statement, as the size of a page should: a plan that is kept takes a bound
        /// LIMIT for a tenth of all rows, and so is never taken.
        public mutating func appendInterpolation(constant number: Int) {
            pieces.append(.text(String(number)))
        }

        /// A name – of a table, a column, a role – quoted, for the rare statement whose names vary.
        public mutating func appendInterpolation(identifier: String) {
            pieces.append(.text(quoted(identifier: identifier)))
        }
    }

    /// The statement as the server sees it, and the values of `$1`, `$2`, …
    var statement: (text: String, values: [String?]) {
        var text = ""
        var values: [String?] = []
        for piece in pieces {
            switch piece {
            case .text(let literal): text += literal
            case .value(let value):
                values.append(value)
                text += "$\(values.count)"
            }
        }
        return (text, values)
    }
}

extension SQL: CustomStringConvertible {
    /// Only the statement: values may be private, and descriptions end in logs.
    public var description: String { statement.text }
}

extension Sequence<SQL> {
    /// One fragment of many: conditions by `" AND "`, rows of a VALUES list by `", "`.
    public func joined(separator: String) -> SQL {
        var pieces: [SQL.Piece] = []
        for fragment in self {
            if !pieces.isEmpty { pieces.append(.text(separator)) }
            pieces += fragment.pieces
        }
        return SQL(pieces: pieces)
    }
}

/// PostgreSQL 15, section 4.1.1: a quote within a quoted name is doubled.
func quoted(identifier: String) -> String {
    "\"" + identifier.split(separator: "\"", omittingEmptySubsequences: false).joined(separator: "\"\"")
        + "\""
}
