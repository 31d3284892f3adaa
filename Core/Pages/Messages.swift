public import FoundationEssentials

/// The shop's own words in one language.
public struct Messages: Sendable {
    public let language: PageLanguage
    private let messages: [String: String]
    /// As templates see them: nested by the dots of their names.
    public let nested: PageValue

    /// From a JSON document of names and messages, such as `{"shop.count": "{count, plural, one {# book}
    /// other {# books}}"}`.
    public init(_ language: PageLanguage, from document: Data) throws {
        let messages = try JSONDecoder().decode([String: String].self, from: document)
        (self.language, self.messages) = (language, messages)
        nested = messages.sorted { $0.key < $1.key }.reduce(into: PageValue.members([:])) { all, message in
            all.put(.text(message.value), at: message.key.split(separator: ".")[...])
        }
    }

    /// A message with its values put in; the name itself, where there is no such message.
    public func callAsFunction(_ name: String, _ values: KeyValuePairs<String, String> = [:]) -> String {
        let values = Dictionary(values.map { ($0.key, $0.value) }) { _, last in last }
        return messages[name].map { filled($0[...], values, number: nil) } ?? name
    }

    public func knows(_ name: String) -> Bool { messages[name] != nil }

    /// `{name}` is a value; `{name, plural, one {# book} other {# books}}` is what is said of so many, in
    /// which `#` is the number (Unicode MessageFormat, as far as we use it).
    private func filled(_ message: Substring, _ values: [String: String], number: String?) -> String {
        var text = ""
        var rest = message
        while let character = rest.first {
            guard character == "{", let end = rest.endOfBraces else {
                text += character == "#" ? number ?? "#" : String(character)
                rest = rest.dropFirst()
                continue
            }
            let inside = rest[rest.index(after: rest.startIndex)..<end]
            rest = rest[rest.index(after: end)...]
            let pieces = inside.split(separator: ",", maxSplits: 2)
            let name = pieces.first.map { $0.filter { !$0.isWhitespace } } ?? ""
            if pieces.count == 3 {
                let value = values[name] ?? "0"
                text += filled(form(of: pieces[2], for: Int(value) ?? 0), values, number: value)
            } else {
                text += values[name] ?? "{\(inside)}"
            }
        }
        return text
    }

    private func form(of choices: Substring, for count: Int) -> Substring {
        var forms: [String: Substring] = [:]
        var rest = choices
        while let opening = rest.firstIndex(of: "{"), let end = rest[opening...].endOfBraces {
            forms[rest[..<opening].filter { !$0.isWhitespace }] = rest[rest.index(after: opening)..<end]
            rest = rest[rest.index(after: end)...]
        }
        return forms["=\(count)"] ?? forms[language.pluralCategory(of: count)] ?? forms["other"] ?? ""
    }
}

extension Substring {
    /// The brace that closes the one it begins with.
    fileprivate var endOfBraces: Index? {
        var depth = 0
        for index in indices {
            if self[index] == "{" { depth += 1 }
            if self[index] == "}" { depth -= 1 }
            if depth == 0 { return index }
        }
        return nil
    }
}

extension PageValue {
    fileprivate mutating func put(_ value: PageValue, at path: ArraySlice<Substring>) {
        guard let first = path.first else { return }
        var members: [String: PageValue] = [:]
        if case .members(let known) = self { members = known }
        if path.count == 1 {
            members[String(first)] = value
        } else {
            members[String(first), default: .members([:])].put(value, at: path.dropFirst())
        }
        self = .members(members)
    }
}
