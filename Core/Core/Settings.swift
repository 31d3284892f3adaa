internal import Bookshop
internal import Lambda

/// A setting without which the function cannot serve, told before the first event and not at a customer's
/// request.
public struct MissingSetting: Error, CustomStringConvertible {
    public let name: String
    public init(name: String) { self.name = name }
    public var description: String { "\(name) is not set: .env.example says what it is for" }
}

/// A setting that cannot be what it says.
public struct MalformedSetting: Error, CustomStringConvertible {
    public let name: String
    public init(_ name: String) { self.name = name }
    public var description: String { "\(name) is not of the form that .env.example describes" }
}

/// What the environment says, read once.
public enum Settings {
    /// An empty value is no value: that is how templates leave one out.
    public static func optional(_ name: String) -> String? {
        environment(name).flatMap { $0.isEmpty ? nil : $0 }
    }

    public static func required(_ name: String) throws(MissingSetting) -> String {
        guard let value = optional(name) else { throw MissingSetting(name: name) }
        return value
    }

    /// Values separated by commas.
    public static func list(_ name: String) -> [String] {
        (optional(name) ?? "").split(separator: ",").map { String($0.filter { $0 != " " }) }
    }
}

extension Seller {
    /// - `STORE_NAME`: what the shop is called; Earshelf where it says nothing
    /// - `STORE_ADDRESS`: its lines, separated by semicolons
    /// - `STORE_TAX_ID`: by which the tax office knows it
    static func live() -> Seller {
        let address = (Settings.optional("STORE_ADDRESS") ?? "").split(separator: ";")
            .map { String($0.drop { $0 == " " }) }
        return Seller(
            name: Settings.optional("STORE_NAME") ?? "Earshelf", address: address,
            taxID: Settings.optional("STORE_TAX_ID"))
    }
}
