/// The logic-less part of Mustache (https://mustache.github.io/mustache.5.html): variables, which are
/// always escaped, sections, inverted sections, partials, comments and dotted names. There is neither `{{{
/// }}}` nor `{{& }}` nor a lambda: nothing that somebody wrote becomes HTML.
public struct Template: Hashable, Sendable {
    enum Part: Hashable, Sendable {
        case text(String)
        case variable([String])
        case section([String], isInverted: Bool, [Part])
        case partial(String)
    }

    let parts: [Part]

    /// Throws `TemplateFault` with the line of what cannot be read.
    public init(parsing text: String) throws(TemplateFault) {
        var parser = TemplateParser(text)
        parts = try parser.parts(closing: nil)
    }
}

public struct TemplateFault: Error, Equatable, CustomStringConvertible {
    public let line: Int
    public let description: String

    init(line: Int, _ problem: String) { (self.line, description) = (line, "line \(line): \(problem)") }
}

/// A tag that stands alone on its line takes the whole line with it, as the specification wants.
private struct TemplateParser {
    private let text: String
    private var place: String.Index
    private var line = 1

    init(_ text: String) { (self.text, place) = (text, text.startIndex) }

    mutating func parts(closing name: String?) throws(TemplateFault) -> [Template.Part] {
        var parts: [Template.Part] = []
        while let opening = text[place...].firstRange(of: "{{") {
            let before = text[place..<opening.lowerBound]
            line += before.count(where: \.isNewline)
            let tag = try tag(behind: opening.upperBound)
            let isAlone = tag.kind != .variable && standsAlone(from: opening.lowerBound, to: place)
            let kept = isAlone ? before[..<before.endOfLastLine] : before
            if !kept.isEmpty { parts.append(.text(String(kept))) }
            if isAlone { skipLine() }
            switch tag.kind {
            case .comment: break
            case .variable: parts.append(.variable(tag.path))
            case .partial: parts.append(.partial(tag.name))
            case .section, .inverted:
                parts.append(
                    .section(tag.path, isInverted: tag.kind == .inverted, try self.parts(closing: tag.name)))
            case .closing:
                guard tag.name == name else {
                    throw TemplateFault(line: line, "{{/\(tag.name)}} closes nothing that is open")
                }
                return parts
            }
        }
        if let name { throw TemplateFault(line: line, "{{#\(name)}} is not closed") }
        if place < text.endIndex { parts.append(.text(String(text[place...]))) }
        place = text.endIndex
        return parts
    }

    private enum Kind: Character {
        case section = "#"
        case inverted = "^"
        case closing = "/"
        case partial = ">"
        case comment = "!"
        case variable = " "
    }

    private struct Tag {
        let kind: Kind
        let name: String
        var path: [String] { name.split(separator: ".").map(String.init) }
    }

    private mutating func tag(behind start: String.Index) throws(TemplateFault) -> Tag {
        guard let closing = text[start...].firstRange(of: "}}") else {
            throw TemplateFault(line: line, "a tag is not closed")
        }
        let inside = text[start..<closing.lowerBound]
        let kind = inside.first.flatMap(Kind.init) ?? .variable
        let name = (kind == .variable ? inside : inside.dropFirst()).filter { !$0.isWhitespace }
        place = closing.upperBound
        guard kind != .comment else {
            line += inside.count(where: \.isNewline)
            return Tag(kind: kind, name: "")
        }
        guard !name.isEmpty, name.allSatisfy({ $0.isLetter || $0.isNumber || "-_.".contains($0) }) else {
            throw TemplateFault(line: line, "{{\(inside)}} is not known here")
        }
        return Tag(kind: kind, name: String(name))
    }

    private func standsAlone(from start: String.Index, to end: String.Index) -> Bool {
        let before = text[..<start].suffix(while: { !$0.isNewline }),
            behind = text[end...].prefix { !$0.isNewline }
        return before.allSatisfy(\.isWhitespace) && behind.allSatisfy(\.isWhitespace)
    }

    private mutating func skipLine() {
        place = text[place...].firstIndex(where: \.isNewline) ?? text.endIndex
        guard place < text.endIndex else { return }
        place = text.index(after: place)
        line += 1
    }
}

extension Substring {
    fileprivate var endOfLastLine: Index {
        lastIndex(where: \.isNewline).map { index(after: $0) } ?? startIndex
    }

    fileprivate func suffix(while holds: (Character) -> Bool) -> Substring {
        self[(lastIndex { !holds($0) }.map { index(after: $0) } ?? startIndex)...]
    }

    func firstRange(of mark: String) -> Range<Index>? {
        var start = startIndex
        while let index = self[start...].firstIndex(of: mark.first ?? " ") {
            if self[index...].hasPrefix(mark) { return index..<self.index(index, offsetBy: mark.count) }
            start = self.index(after: index)
        }
        return nil
    }
}
