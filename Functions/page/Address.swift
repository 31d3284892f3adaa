/// A path of the shop with a query, in which a parameter may be there several times.
struct Address {
    let path: String
    private(set) var parameters: [(name: String, value: String)]

    init(_ path: String, _ parameters: [(String, String)]) {
        (self.path, self.parameters) = (path, parameters.map { (name: $0.0, value: $0.1) })
    }

    init(_ path: String, _ parameters: KeyValuePairs<String, String>) {
        self.init(path, parameters.map { ($0.key, $0.value) })
    }

    /// What is empty is left out.
    var text: String {
        let query = parameters.filter { !$0.value.isEmpty }
            .map { "\(Self.encoded($0.name))=\(Self.encoded($0.value))" }
        return query.isEmpty ? path : "\(path)?\(query.joined(separator: "&"))"
    }

    /// With one value of the parameter alone, or without it.
    func setting(_ name: String, _ value: String?) -> Address {
        var other = self
        other.parameters.removeAll { $0.name == name }
        if let value { other.parameters.append((name: name, value: value)) }
        return other
    }

    /// With this value besides, or without it where it was there.
    func toggling(_ name: String, _ value: String) -> Address {
        var other = self
        other.parameters.removeAll { $0.name == name && $0.value == value }
        if other.parameters.count == parameters.count { other.parameters.append((name: name, value: value)) }
        return other
    }

    /// RFC 3986, section 2.3.
    static func encoded(_ text: String) -> String {
        let digits = Array("0123456789ABCDEF")
        return text.utf8.map { byte in
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "."),
                UInt8(ascii: "_"),
                UInt8(ascii: "~"):
                String(UnicodeScalar(byte))
            default: "%\(digits[Int(byte >> 4)])\(digits[Int(byte & 15)])"
            }
        }.joined()
    }
}
