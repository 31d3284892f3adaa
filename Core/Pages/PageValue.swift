/// What a template is filled with.
public indirect enum PageValue: Hashable, Sendable {
    case text(String)
    case flag(Bool)
    case list([PageValue])
    case members([String: PageValue])

    /// Text that may be missing: then there is none.
    public init(_ text: String?) { self = .text(text ?? "") }

    /// Each paragraph of a text, as templates take them: `paragraph` each.
    public static func paragraphs(_ text: String?) -> PageValue {
        let lines = (text ?? "").split(whereSeparator: \.isNewline).map { line in
            String(line.drop(while: \.isWhitespace))
        }
        return .list(lines.filter { !$0.isEmpty }.map { ["paragraph": .text($0)] })
    }

    /// Whether a section of it is shown (Mustache: a value that is false, or an empty list). Empty text is
    /// as good as none here, so that a template may ask for it.
    var isShown: Bool {
        switch self {
        case .text(let text): !text.isEmpty
        case .flag(let flag): flag
        case .list(let list): !list.isEmpty
        case .members: true
        }
    }

    subscript(name: String) -> PageValue? {
        if case .members(let members) = self { members[name] } else { nil }
    }
}

extension PageValue: ExpressibleByStringLiteral, ExpressibleByStringInterpolation,
    ExpressibleByBooleanLiteral,
    ExpressibleByArrayLiteral, ExpressibleByDictionaryLiteral
{
    public init(stringLiteral text: String) { self = .text(text) }
    public init(booleanLiteral flag: Bool) { self = .flag(flag) }
    public init(arrayLiteral elements: PageValue...) { self = .list(elements) }
    public init(dictionaryLiteral elements: (String, PageValue)...) {
        self = .members(Dictionary(elements) { _, last in last })
    }
}
