/// A parameter as the bracket notation nests it: `line_items[0][price_data][currency]=eur`,
/// `expand[]=charge`.
enum StripeParameter: Hashable, Sendable {
    struct Member: Hashable, Sendable {
        var name: String
        var value: StripeParameter
    }

    case text(String)
    case members([Member])

    /// Deeper than any parameter of Stripe's.
    private static let deepest = 8

    init(_ form: Form) throws(StripeProblem) {
        self = .members([])
        for field in form.fields {
            let names = try Self.names(in: field.name)
            try insert(field.value, under: names[...], from: field.name)
        }
    }

    /// The values, where the names are `0, 1, 2…` in any order or were left out.
    var elements: [StripeParameter]? {
        guard case .members(let members) = self else { return nil }
        let numbered = members.compactMap { member in Int(member.name).map { ($0, member.value) } }
        guard numbered.count == members.count else { return nil }
        return numbered.sorted { $0.0 < $1.0 }.map(\.1)
    }

    private mutating func insert(
        _ text: String, under names: ArraySlice<String>, from whole: String
    ) throws(StripeProblem) {
        guard let first = names.first else {
            self = .text(text)
            return
        }
        guard case .members(var members) = self else {
            throw StripeProblem(parameter: whole, "Invalid parameter: \(whole) is both a value and an object")
        }
        let name = first.isEmpty ? String(members.count) : first
        let rest = names.dropFirst()
        let index: Int
        if let found = members.firstIndex(where: { $0.name == name }) {
            index = found
        } else {
            members.append(Member(name: name, value: rest.isEmpty ? .text("") : .members([])))
            index = members.count - 1
        }
        try members[index].value.insert(text, under: rest, from: whole)
        self = .members(members)
    }

    /// `a[b][]` is `a`, `b` and nothing.
    private static func names(in whole: String) throws(StripeProblem) -> [String] {
        guard let bracket = whole.firstIndex(of: "["), bracket != whole.startIndex else { return [whole] }
        var names = [String(whole[..<bracket])]
        var rest = whole[bracket...]
        while !rest.isEmpty {
            guard rest.first == "[", let end = rest.firstIndex(of: "]"), names.count < deepest else {
                throw StripeProblem(parameter: whole, "Invalid parameter name: \(whole)")
            }
            names.append(String(rest[rest.index(after: rest.startIndex)..<end]))
            rest = rest[rest.index(after: end)...]
        }
        return names
    }
}
