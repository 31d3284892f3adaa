extension Template {
    /// A partial that is not there, or that stands in itself without end.
    public struct Missing: Error, Equatable, CustomStringConvertible {
        public let partial: String
        public init(partial: String) { self.partial = partial }
        public var description: String { "the partial \(partial) is missing, or stands in itself" }
    }

    private static let deepest = 16

    /// The template filled with `value`; a name that is nowhere is nothing.
    public func rendered(with value: PageValue, partials: [String: Template]) throws(Missing) -> String {
        var text = ""
        try render(parts, [value], partials, depth: 0, into: &text)
        return text
    }

    private func render(
        _ parts: [Part], _ context: [PageValue], _ partials: [String: Template], depth: Int,
        into text: inout String
    ) throws(Missing) {
        for part in parts {
            switch part {
            case .text(let plain): text += plain
            case .variable(let path):
                if case .text(let found) = Self.value(of: path, in: context) { text += found.escapedForHTML }
            case .section(let path, let isInverted, let inside):
                let value = Self.value(of: path, in: context)
                let isShown = value?.isShown ?? false
                guard isShown != isInverted else { continue }
                switch value {
                case .list(let list) where !isInverted:
                    for element in list {
                        try render(inside, context + [element], partials, depth: depth, into: &text)
                    }
                case .members where !isInverted:
                    try render(inside, context + [value ?? false], partials, depth: depth, into: &text)
                default: try render(inside, context, partials, depth: depth, into: &text)
                }
            case .partial(let name):
                guard let partial = partials[name], depth < Self.deepest else { throw Missing(partial: name) }
                try render(partial.parts, context, partials, depth: depth + 1, into: &text)
            }
        }
    }

    /// The first name is looked for from inside outwards, the others only in what it names.
    private static func value(of path: [String], in context: [PageValue]) -> PageValue? {
        guard let first = path.first, let holder = context.last(where: { $0[first] != nil }) else {
            return nil
        }
        return path.dropFirst().reduce(holder[first]) { $0?[$1] }
    }
}

extension String {
    /// What is no text of anybody's, such as data for search engines, before a mark of the template's.
    public func inserting(_ text: String, before mark: String) -> String {
        guard let place = self[...].firstRange(of: mark) else { return self }
        return self[..<place.lowerBound] + text + self[place.lowerBound...]
    }

    /// For text and for values of attributes in quotes (HTML Living Standard, section 13.3).
    public var escapedForHTML: String {
        guard utf8.contains(where: { "&<>\"'\0".utf8.contains($0) }) else { return self }
        var escaped = ""
        for scalar in unicodeScalars {
            switch scalar {
            case "&": escaped += "&amp;"
            case "<": escaped += "&lt;"
            case ">": escaped += "&gt;"
            case "\"": escaped += "&quot;"
            case "'": escaped += "&#39;"
            case "\0": escaped += "\u{FFFD}"
            default: escaped.unicodeScalars.append(scalar)
            }
        }
        return escaped
    }
}
