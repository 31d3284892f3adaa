public import FoundationEssentials

/// Where a page of a list ended, so that the next begins behind it whatever was added meanwhile. To
/// clients it is opaque.
public struct Cursor: RawRepresentable, Hashable, Sendable {
    /// The list and its sorting: a cursor of another is refused.
    public let list: String
    /// What the last line was sorted by, in the text form of the database.
    public let key: String
    /// Tells lines with one key apart.
    public let id: UUID

    public init(list: String, key: String, id: UUID) { (self.list, self.key, self.id) = (list, key, id) }

    private static let separator: UInt8 = 0x1F
    private static let maximumLength = 2048

    public init?(rawValue: String) {
        guard rawValue.utf8.count <= Self.maximumLength else { return nil }
        var base64 = rawValue.replacing("-", with: "+").replacing("_", with: "/")
        base64 += String(repeating: "=", count: (4 - base64.utf8.count % 4) % 4)
        guard let bytes = Data(base64Encoded: base64) else { return nil }
        let parts = bytes.split(separator: Self.separator, omittingEmptySubsequences: false)
            .map { String(validating: $0, as: UTF8.self) }
        guard parts.count == 3, let list = parts[0], let key = parts[1], !key.utf8.contains(0),
            let id = parts[2].flatMap(UUID.init(uuidString:))
        else { return nil }
        self.init(list: list, key: key, id: id)
    }

    public var rawValue: String {
        let parts = [list, key, id.uuidString].map { Array($0.utf8) }
        return Data(parts.joined(separator: [Self.separator])).base64EncodedString()
            .replacing("+", with: "-").replacing("/", with: "_").replacing("=", with: "")
    }
}

/// How many lines of a list one answer holds.
public struct PageSize: RawRepresentable, Hashable, Sendable {
    public let rawValue: Int
    public static let standard = PageSize(checked: 20)

    public init?(rawValue: Int) {
        guard (1...100).contains(rawValue) else { return nil }
        self.rawValue = rawValue
    }

    private init(checked: Int) { rawValue = checked }
}

/// One answer of a list, and where the next begins if there is more.
public struct Page<Item> {
    public let items: [Item]
    public let next: Cursor?

    public init(items: [Item], next: Cursor?) { (self.items, self.next) = (items, next) }

    /// Of lines asked for with one more than fits, which tells whether there is more.
    public init(_ lines: [Item], size: PageSize, cursor: (Item) -> Cursor) {
        items = Array(lines.prefix(size.rawValue))
        next = lines.count > size.rawValue ? items.last.map(cursor) : nil
    }
}

extension Page: Sendable where Item: Sendable {}

/// The cursor was made by another list or sorting.
public struct ForeignCursor: Error, Equatable {
    public init() {}
}
