import FoundationEssentials

/// What is sent, as a value. Names are sorted, so that one request is one text.
enum JSONBody: Hashable, Sendable {
    case text(String)
    case number(Int)
    case truth(Bool)
    case list([JSONBody])
    case object([String: JSONBody])

    /// Without a line break.
    var bytes: [UInt8] {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        guard let data = try? encoder.encode(self) else {
            preconditionFailure("texts, numbers and lists of them are always JSON")
        }
        return Array(data)
    }
}

extension JSONBody: Encodable {
    func encode(to encoder: any Encoder) throws {
        var value = encoder.singleValueContainer()
        switch self {
        case .text(let text): try value.encode(text)
        case .number(let number): try value.encode(number)
        case .truth(let truth): try value.encode(truth)
        case .list(let elements): try value.encode(elements)
        case .object(let members): try value.encode(members)
        }
    }
}

extension JSONBody: ExpressibleByStringLiteral, ExpressibleByIntegerLiteral, ExpressibleByBooleanLiteral,
    ExpressibleByArrayLiteral, ExpressibleByDictionaryLiteral
{
    init(stringLiteral text: String) { self = .text(text) }
    init(integerLiteral number: Int) { self = .number(number) }
    init(booleanLiteral truth: Bool) { self = .truth(truth) }
    init(arrayLiteral elements: JSONBody...) { self = .list(elements) }
    init(dictionaryLiteral members: (String, JSONBody)...) {
        self = .object(Dictionary(uniqueKeysWithValues: members))
    }
}
