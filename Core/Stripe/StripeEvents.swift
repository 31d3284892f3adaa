public import Bookshop
internal import FoundationEssentials
public import HTTP

extension StripeAPI {
    /// https://docs.stripe.com/api/events/list, as far back as Stripe keeps them
    /// (https://docs.stripe.com/webhooks/process-undelivered-events).
    public func missedEvents(since instant: Int, after event: String?) -> Request {
        let place = event.map { "&starting_after=\(Percent.encode($0))" } ?? ""
        return get("events?delivery_success=false&limit=100&created%5Bgte%5D=\(instant)\(place)")
    }
}

extension MissedEvents {
    public static func stripe(_ api: StripeAPI, send: @escaping Send) -> MissedEvents {
        MissedEvents { since, after in
            let list = try answer(to: api.missedEvents(since: since, after: after), as: EventList.self, send)
            let last = list.hasMore ? list.data.last?.members["id"]?.text : nil
            return (try list.data.map { Array(try JSONEncoder().encode($0)) }, last)
        }
    }
}

private struct EventList: Decodable {
    let data: [Value]
    let hasMore: Bool

    private enum CodingKeys: String, CodingKey {
        case data
        case hasMore = "has_more"
    }
}

/// Any JSON, to be written again as it was read: an event in a list is one of many and not bytes of its own.
private enum Value: Codable {
    case null
    case boolean(Bool)
    case integer(Int)
    case number(Double)
    case text(String)
    case list([Value])
    case object([String: Value])

    var members: [String: Value] { if case .object(let members) = self { members } else { [:] } }
    var text: String? { if case .text(let text) = self { text } else { nil } }

    init(from decoder: any Decoder) throws {
        let value = try decoder.singleValueContainer()
        if value.decodeNil() {
            self = .null
        } else if let boolean = try? value.decode(Bool.self) {
            self = .boolean(boolean)
        } else if let integer = try? value.decode(Int.self) {
            self = .integer(integer)
        } else if let number = try? value.decode(Double.self) {
            self = .number(number)
        } else if let text = try? value.decode(String.self) {
            self = .text(text)
        } else if let list = try? value.decode([Value].self) {
            self = .list(list)
        } else {
            self = .object(try value.decode([String: Value].self))
        }
    }

    func encode(to encoder: any Encoder) throws {
        var value = encoder.singleValueContainer()
        switch self {
        case .null: try value.encodeNil()
        case .boolean(let boolean): try value.encode(boolean)
        case .integer(let integer): try value.encode(integer)
        case .number(let number): try value.encode(number)
        case .text(let text): try value.encode(text)
        case .list(let list): try value.encode(list)
        case .object(let object): try value.encode(object)
        }
    }
}
