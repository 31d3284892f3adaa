import Foundation
import TestSupport

@testable import Core

extension TestDatabase {
    /// The shop as a function sees it, with that function's rights and whoever is signed in. All else is
    /// unset, and fails by its name.
    func shop(of function: String, for principal: Principal? = nil) -> Shop {
        let identity = Identification { _ in
            guard let principal else { throw Problem.unauthenticated }
            return principal
        }
        var shop = Shop(database: connect(as: function), identity: identity)
        shop.turnstile = .open
        shop.bucket = "media"
        shop.storeURL = "https://shop.test"
        shop.issuerURL = "https://id.test"
        return shop
    }

    /// Does with all rights what leads to a test.
    @discardableResult
    func prepared<Value>(_ body: (borrowing Transaction) throws -> Value) throws -> Value {
        try connect().transaction { try body($0) }
    }

    /// How many rows there are.
    func count(_ table: SQL) throws -> Int {
        try prepared { try $0.value("SELECT count(*) FROM \(table)") ?? -1 }
    }
}

extension Principal {
    static func customer(_ id: Principal.ID) -> Principal { Principal(id: id, roles: []) }
    static func editor(_ id: Principal.ID) -> Principal { Principal(id: id, roles: [.editor]) }
}

extension Request {
    static let key = "3f8a1c52-0000-4000-8000-000000000001"

    /// With a body as it was typed, and an Idempotency-Key.
    static func typed(
        _ route: String, _ body: String = "", id: String? = nil, headers: [String: String] = [:],
        key: String? = Request.key
    ) -> Request {
        var request = Request(
            route, parameters: id.map { ["id": $0] } ?? [:], headers: headers, body: Array(body.utf8))
        if let key { request.headers["idempotency-key"] = key }
        return request
    }
}

extension Response {
    /// `"404 not-found"`, or the bare status of what is no problem.
    var outcome: String {
        self["type"].map { statusCode < 400 ? "\(statusCode)" : "\(statusCode) \($0)" } ?? "\(statusCode)"
    }

    /// A value of the JSON by its path: `items/0/title`.
    subscript(path: String) -> String? {
        guard let root = try? JSONDecoder().decode(Tree.self, from: Data(body)) else { return nil }
        return root.at(path.split(separator: "/").map(String.init)[...])?.text
    }

    /// The problem as it is sent.
    var text: String { String(decoding: body, as: UTF8.self) }
}

private indirect enum Tree: Decodable {
    case object([String: Tree])
    case list([Tree])
    case leaf(String)

    init(from decoder: any Decoder) throws {
        let value = try decoder.singleValueContainer()
        if let object = try? value.decode([String: Tree].self) {
            self = .object(object)
        } else if let list = try? value.decode([Tree].self) {
            self = .list(list)
        } else if let text = try? value.decode(String.self) {
            self = .leaf(text)
        } else if let number = try? value.decode(Int.self) {
            self = .leaf("\(number)")
        } else if let number = try? value.decode(Double.self) {
            self = .leaf("\(number)")
        } else if let truth = try? value.decode(Bool.self) {
            self = .leaf("\(truth)")
        } else {
            self = .leaf("null")
        }
    }

    func at(_ path: ArraySlice<String>) -> Tree? {
        guard let first = path.first else { return self }
        switch self {
        case .object(let members): return members[first]?.at(path.dropFirst())
        case .list(let elements):
            guard let index = Int(first), elements.indices.contains(index) else { return nil }
            return elements[index].at(path.dropFirst())
        case .leaf: return nil
        }
    }

    /// Of a list or an object, how much is in it.
    var text: String {
        switch self {
        case .leaf(let text): text
        case .list(let elements): "\(elements.count)"
        case .object(let members): "\(members.count)"
        }
    }
}

/// What a fake was told, in order.
final class Told<Value> {
    var all: [Value] = []
    func append(_ value: Value) { all.append(value) }
}

struct DelayedMessage: Hashable {
    let body: String
    let delaySeconds: Int
}

extension Queue {
    static func telling(_ told: Told<String>) -> Queue { Queue { message, _ in told.append(message) } }
    /// With the seconds that each is held back.
    static func telling(_ told: Told<DelayedMessage>) -> Queue {
        Queue { told.append(DelayedMessage(body: $0, delaySeconds: $1)) }
    }
}

extension EventBus {
    /// Takes all it is told.
    static func telling(_ told: Told<OutboxEvent>) -> EventBus {
        EventBus { events in
            for event in events { told.append(event) }
            return events.map { _ in .taken }
        }
    }
}

extension Links {
    /// Addresses that say what they are for.
    static var plain: Links {
        Links(
            upload: { bucket, key, file, _ in
                SignedRequest(
                    method: "PUT", url: "https://store.test/\(bucket)/\(key)?bytes=\(file.bytes)",
                    headers: ["content-type": file.mediaType],
                    expiresAt: Date(timeIntervalSince1970: 1_800_000_000))
            },
            part: { bucket, key, multipart, part, seconds in
                SignedRequest(
                    method: "PUT",
                    url: "https://store.test/\(bucket)/\(key)?part=\(part.number)&of=\(multipart)",
                    headers: ["content-length": "\(part.bytes)"],
                    expiresAt: Date(timeIntervalSince1970: 1_800_000_000 + Double(seconds)))
            },
            download: { bucket, key, name, seconds in
                SignedRequest(
                    method: "GET",
                    url: "https://store.test/\(bucket)/\(key)?name=\(name ?? "")&seconds=\(seconds)",
                    headers: [:], expiresAt: Date(timeIntervalSince1970: 1_800_000_000))
            })
    }
}
