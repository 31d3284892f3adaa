import Foundation

/// A request as it came over the wire, before anything in it is believed.
public struct Arrival: Sendable {
    public let method: String
    /// Decoded once. Bytes, because a key need not survive Unicode's equivalences.
    public let path: [UInt8]
    /// In the order sent, decoded; a name without `=` has an empty value.
    public let query: [(name: String, value: String)]
    /// In the order sent, names in lower case, `host` among them.
    public let headers: [(name: String, value: String)]

    /// Nil when the target is no path, or not decodable to UTF-8.
    public init?(method: String, target: String, headers: [(name: String, value: String)]) {
        guard target.utf8.first == 0x2F else { return nil }
        let parts = target.split(separator: "?", maxSplits: 1, omittingEmptySubsequences: false)
        guard let path = PercentCoding.decode(parts[0]) else { return nil }
        guard String(validating: path, as: UTF8.self) != nil else { return nil }
        var query: [(name: String, value: String)] = []
        for pair in parts.count > 1 ? parts[1].split(separator: "&") : [] {
            let sides = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            guard let name = Self.text(sides[0]), let value = Self.text(sides.count > 1 ? sides[1] : "")
            else {
                return nil
            }
            query.append((name, value))
        }
        self.method = method
        self.path = path
        self.query = query
        self.headers = headers.map { ($0.name.lowercased(), $0.value) }
    }

    private static func text(_ encoded: Substring) -> String? {
        PercentCoding.decode(encoded, plusIsSpace: true).flatMap { String(validating: $0, as: UTF8.self) }
    }

    /// The values of a header sent several times are joined by commas, as HTTP allows.
    public func header(_ name: String) -> String? {
        let values = headers.filter { $0.name == name }
        return values.isEmpty ? nil : values.map(\.value).joined(separator: ",")
    }

    public func parameter(_ name: String) -> String? {
        query.first { $0.name == name }?.value
    }

    /// The host without its port.
    public var hostName: String {
        let host = header("host") ?? ""
        if host.hasPrefix("["), let end = host.firstIndex(of: "]") { return String(host[...end]) }
        return String(host.prefix { $0 != ":" })
    }
}
