import HTTP

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
        var form = Form()
        for parameter in parameters where !parameter.value.isEmpty {
            form.add(parameter.name, parameter.value)
        }
        return form.fields.isEmpty ? path : "\(path)?\(form.text)"
    }

    /// As a value in the query of another address.
    var asValue: String { Percent.encode(text) }

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
}
