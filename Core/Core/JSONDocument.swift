public import Postgres

/// JSON whose shape only its writer knows, to be told on as it is.
public indirect enum JSONDocument: Hashable, Codable, Sendable {
    case null
    case truth(Bool)
    case integer(Int)
    case number(Double)
    case text(String)
    case list([JSONDocument])
    case object([String: JSONDocument])

    public init(_ json: JSONText) throws { self = try json.decoded() }

    public init(from decoder: any Decoder) throws {
        let value = try decoder.singleValueContainer()
        // What it is not, it is told by the next.
        if value.decodeNil() {
            self = .null
        } else if let truth = try? value.decode(Bool.self) {
            self = .truth(truth)
        } else if let integer = try? value.decode(Int.self) {
            self = .integer(integer)
        } else if let number = try? value.decode(Double.self) {
            self = .number(number)
        } else if let text = try? value.decode(String.self) {
            self = .text(text)
        } else if let list = try? value.decode([JSONDocument].self) {
            self = .list(list)
        } else {
            self = .object(try value.decode([String: JSONDocument].self))
        }
    }

    public func encode(to encoder: any Encoder) throws {
        var value = encoder.singleValueContainer()
        switch self {
        case .null: try value.encodeNil()
        case .truth(let truth): try value.encode(truth)
        case .integer(let integer): try value.encode(integer)
        case .number(let number): try value.encode(number)
        case .text(let text): try value.encode(text)
        case .list(let list): try value.encode(list)
        case .object(let object): try value.encode(object)
        }
    }
}
