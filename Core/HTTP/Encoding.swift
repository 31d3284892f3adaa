/// The escapes of URLs and forms, on bytes. Foundation's are of no use here: they leave `+` as it is.
public enum Percent {
    /// RFC 3986, section 2.3: letters, digits and `-._~` stay, and so do `others`, such as the `/` of a path;
    /// every other byte becomes `%XX`, in upper case.
    public static func encode(_ text: String, keeping others: String = "") -> String {
        let kept = Array(others.utf8), digits = Array("0123456789ABCDEF".utf8)
        var encoded: [UInt8] = []
        encoded.reserveCapacity(text.utf8.count)
        for byte in text.utf8 {
            if isUnreserved(byte) || kept.contains(byte) {
                encoded.append(byte)
            } else {
                encoded += [UInt8(ascii: "%"), digits[Int(byte >> 4)], digits[Int(byte & 15)]]
            }
        }
        return String(decoding: encoded, as: UTF8.self)
    }

    private static func isUnreserved(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"): true
        case UInt8(ascii: "0")...UInt8(ascii: "9"): true
        default: "-._~".utf8.contains(byte)
        }
    }
}

/// Fields in the order they were added, as `application/x-www-form-urlencoded` or as a URL's query. A blank
/// is sent as `%20`, which all readers of forms take, and readers of queries too.
public struct Form: Hashable, Sendable {
    public private(set) var fields: [Header] = []

    public init() {}

    public mutating func add(_ name: String, _ value: String) { fields.append(Header(name, value)) }

    /// Brackets in names stay as they are, as every reader expects who knows them.
    public var text: String {
        fields.map { Percent.encode($0.name, keeping: "[]") + "=" + Percent.encode($0.value) }
            .joined(separator: "&")
    }

    public var body: [UInt8] { Array(text.utf8) }
    public static let contentType = Header("Content-Type", "application/x-www-form-urlencoded")
}
