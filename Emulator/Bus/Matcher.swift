import Foundation
import Groundwork

/// What may stand in one place of an event.
/// https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-create-pattern-operators.html
indirect enum Matcher: Hashable, Sendable {
    case exact(JSONTree)
    case prefix(String, ignoringCase: Bool)
    case suffix(String, ignoringCase: Bool)
    case equalsIgnoringCase(String)
    case wildcard(Wildcard)
    /// None of these.
    case anythingBut([Matcher])
    case numeric([Comparison])
    case cidr(AddressBlock)
    /// Looked for by whoever knows what is not there.
    case exists(Bool)

    struct Comparison: Hashable, Sendable {
        let sign: String
        let bound: Double

        func holds(_ number: Double) -> Bool {
            switch sign {
            case "=": number == bound
            case "<": number < bound
            case "<=": number <= bound
            case ">": number > bound
            default: number >= bound
            }
        }
    }

    init(_ tree: JSONTree, at path: String) throws(PatternError) {
        guard case .object(let members) = tree else {
            if case .array = tree { throw PatternError(path, "a list within a list is not expected") }
            self = .exact(tree)
            return
        }
        guard members.count == 1, let (name, value) = members.first else {
            throw PatternError(path, "one operator is expected")
        }
        let inner = "\(path).\(name)"
        switch name {
        case "anything-but": self = .anythingBut(try Self.others(value, at: inner))
        case "numeric": self = .numeric(try Self.comparisons(value, at: inner))
        case "exists":
            guard case .bool(let wanted) = value else {
                throw PatternError(inner, "true or false is expected")
            }
            self = .exists(wanted)
        case "cidr":
            guard let block = value.text.flatMap(AddressBlock.init) else {
                throw PatternError(inner, "an address and its length, such as 10.0.0.0/24, are expected")
            }
            self = .cidr(block)
        default: self = try Self.ofText(name, value, at: inner)
        }
    }

    private static func ofText(
        _ name: String, _ value: JSONTree, at path: String
    ) throws(PatternError) -> Matcher {
        var value = value
        var ignoresCase = false
        if ["prefix", "suffix"].contains(name), case .object(let members) = value, members.count == 1,
            let folded = members["equals-ignore-case"]
        {
            (value, ignoresCase) = (folded, true)
        }
        guard ["prefix", "suffix", "equals-ignore-case", "wildcard"].contains(name) else {
            throw PatternError(path, "this operator is not known")
        }
        guard let text = value.text else { throw PatternError(path, "a text is expected") }
        switch name {
        case "prefix": return .prefix(text, ignoringCase: ignoresCase)
        case "suffix": return .suffix(text, ignoringCase: ignoresCase)
        case "equals-ignore-case": return .equalsIgnoringCase(text)
        default:
            guard let wildcard = Wildcard(text) else {
                throw PatternError(path, "a text without two * in a row is expected")
            }
            return .wildcard(wildcard)
        }
    }

    /// A text or a number, a list of them, or an operator of texts with one of them or a list.
    private static func others(_ value: JSONTree, at path: String) throws(PatternError) -> [Matcher] {
        var matchers: [Matcher] = []
        if case .object(let members) = value, members.count == 1, let (name, inner) = members.first {
            for text in elements(of: inner) {
                matchers.append(try ofText(name, text, at: "\(path).\(name)"))
            }
        } else {
            for element in elements(of: value) {
                switch element {
                case .string, .number: matchers.append(.exact(element))
                default: throw PatternError(path, "texts, numbers or one operator are expected")
                }
            }
        }
        guard !matchers.isEmpty else { throw PatternError(path, "a list that is not empty is expected") }
        return matchers
    }

    private static func elements(of value: JSONTree) -> [JSONTree] {
        guard case .array(let elements) = value else { return [value] }
        return elements
    }

    /// `["=", 3]`, `["<", 3]`, `[">", 0, "<=", 5]`
    private static func comparisons(
        _ value: JSONTree, at path: String
    ) throws(PatternError) -> [Comparison] {
        let reason = "a comparison, or a lower bound and a higher upper one, are expected"
        guard case .array(let parts) = value, [2, 4].contains(parts.count) else {
            throw PatternError(path, reason)
        }
        var comparisons: [Comparison] = []
        for place in stride(from: 0, to: parts.count, by: 2) {
            guard let sign = parts[place].text, ["=", "<", "<=", ">", ">="].contains(sign),
                let bound = parts[place + 1].magnitude
            else { throw PatternError(path, reason) }
            comparisons.append(Comparison(sign: sign, bound: bound))
        }
        if comparisons.count == 2 {
            guard [">", ">="].contains(comparisons[0].sign), ["<", "<="].contains(comparisons[1].sign),
                comparisons[0].bound < comparisons[1].bound
            else { throw PatternError(path, reason) }
        }
        return comparisons
    }

    /// Of a single value.
    func match(_ value: JSONTree) -> Bool {
        switch self {
        case .exact(let expected): return value == expected
        case .anythingBut(let others): return !others.contains { $0.match(value) }
        case .numeric(let comparisons):
            guard let number = value.magnitude else { return false }
            return comparisons.allSatisfy { $0.holds(number) }
        case .exists(let wanted): return wanted
        case .prefix(let start, let ignoresCase):
            return value.text.map { folded($0, ignoresCase).starts(with: folded(start, ignoresCase)) }
                ?? false
        case .suffix(let end, let ignoresCase):
            return value.text.map {
                folded($0, ignoresCase).reversed().starts(with: folded(end, ignoresCase).reversed())
            } ?? false
        case .equalsIgnoringCase(let text):
            return value.text.map { folded($0, true).elementsEqual(folded(text, true)) } ?? false
        case .wildcard(let wildcard): return value.text.map(wildcard.match) ?? false
        case .cidr(let block): return value.text.map(block.contains) ?? false
        }
    }
}

/// By scalars, for an accent is not part of the letter before it here.
private func folded(_ text: String, _ ignoresCase: Bool) -> String.UnicodeScalarView {
    (ignoresCase ? text.lowercased() : text).unicodeScalars
}

extension JSONTree {
    /// What can be compared: between minus and plus five thousand million.
    fileprivate var magnitude: Double? {
        guard case .number(let text) = self, let number = Double(text), abs(number) <= 5e9 else { return nil }
        return number
    }
}

/// `*/lib/*`: each star stands for any characters, or none. `\*` and `\\` are themselves.
struct Wildcard: Hashable, Sendable {
    private let parts: [[Unicode.Scalar]]

    init?(_ text: String) {
        var parts: [[Unicode.Scalar]] = [[]]
        var isEscaped = false
        var wasStar = false
        for scalar in text.unicodeScalars {
            let isStar = scalar == "*" && !isEscaped
            guard !(isStar && wasStar), !isEscaped || scalar == "*" || scalar == "\\" else { return nil }
            if isStar {
                parts.append([])
            } else if scalar == "\\", !isEscaped {
                isEscaped = true
                wasStar = false
                continue
            } else {
                parts[parts.count - 1].append(scalar)
            }
            (isEscaped, wasStar) = (false, isStar)
        }
        guard !isEscaped else { return nil }
        self.parts = parts
    }

    /// The first part at the beginning, the last at the end, the others as early as they come.
    func match(_ text: String) -> Bool {
        var rest = Array(text.unicodeScalars)[...]
        guard parts.count > 1 else { return Array(rest) == parts[0] }
        guard rest.starts(with: parts[0]) else { return false }
        rest = rest.dropFirst(parts[0].count)
        for part in parts.dropFirst().dropLast() {
            guard let start = rest.indices.first(where: { rest[$0...].starts(with: part) }) else {
                return false
            }
            rest = rest[(start + part.count)...]
        }
        let last = parts[parts.count - 1]
        return rest.count >= last.count && rest.suffix(last.count).elementsEqual(last)
    }
}

/// `10.0.0.0/24`, `2001:db8::/32`
struct AddressBlock: Hashable, Sendable {
    private let bytes: [UInt8]
    private let length: Int

    init?(_ text: String) {
        let parts = text.split(separator: "/", omittingEmptySubsequences: false)
        guard parts.count == 2, let bytes = Self.bytes(String(parts[0])), let length = Int(parts[1]),
            (0...bytes.count * 8).contains(length)
        else { return nil }
        (self.bytes, self.length) = (bytes, length)
    }

    func contains(_ address: String) -> Bool {
        guard let other = Self.bytes(address), other.count == bytes.count else { return false }
        return (0..<length).allSatisfy { bit in
            (bytes[bit / 8] ^ other[bit / 8]) & (0x80 >> UInt8(bit % 8)) == 0
        }
    }

    private static func bytes(_ address: String) -> [UInt8]? {
        for (family, count) in [(AF_INET, 4), (AF_INET6, 16)] {
            var bytes = [UInt8](repeating: 0, count: count)
            if inet_pton(family, address, &bytes) == 1 { return bytes }
        }
        return nil
    }
}
