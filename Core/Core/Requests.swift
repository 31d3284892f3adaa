public import Bookshop
public import Lambda

extension Request {
    /// The key under which the client may send this request again.
    public var idempotencyKey: IdempotencyKey {
        get throws(Problem) {
            guard let key = headers["idempotency-key"].flatMap(IdempotencyKey.init) else {
                throw Problem(
                    400, "idempotency-key",
                    "Send an Idempotency-Key of 16 to 255 visible characters, such as a new UUID.")
            }
            return key
        }
    }

    /// The id in the path. What is no id names nothing, so it is not found.
    public func id<Entity>(_ name: String = "id", of type: Entity.Type = Entity.self) throws(Problem)
        -> Identifier<Entity>
    {
        guard let id = parameters[name].flatMap({ Identifier<Entity>($0) }) else { throw .notFound }
        return id
    }

    /// The version the client has seen and means to change (RFC 9110, section 13.1.1).
    public var expectedVersion: EntityTag {
        get throws(Problem) {
            guard let value = headers["if-match"] else { throw .preconditionRequired }
            guard let tag = EntityTag(headerValue: value) else { throw .stale }
            return tag
        }
    }

    /// What is looked for in a list.
    public func words() throws(Problem) -> String? {
        try query.parsed("q", expecting: "1 to 200 characters") {
            (1...200).contains($0.unicodeScalars.count) && !$0.utf8.contains(0) ? $0 : nil
        }
    }

    /// Where the page of a list begins, and how long it is.
    public func page() throws(Problem) -> (size: PageSize, cursor: Cursor?) {
        let cursor = try query.parsed("cursor", expecting: "a cursor of an earlier answer") {
            Cursor(rawValue: $0)
        }
        let size = PageSize(rawValue: try query.limit()) ?? .standard
        return (size, cursor)
    }
}

extension Problem {
    public static let notFound = Problem(404, "not-found", "There is nothing under this address.")
    public static let preconditionRequired = Problem(
        428, "precondition-required",
        "Send If-Match with the ETag you were given, so that nobody's change is lost.")
    public static let stale = Problem(
        412, "changed-meanwhile", "Somebody changed this meanwhile: read it again, then repeat your change.")
}

/// A list as the API answers it.
public struct ListAnswer<Item: Encodable>: Encodable {
    public let items: [Item]
    /// Given back as `cursor`, asks for the next page; absent on the last.
    public let next: String?

    public init<Line>(_ page: Page<Line>, _ item: (Line) throws -> Item) rethrows {
        (items, next) = (try page.items.map(item), page.next?.rawValue)
    }
}
