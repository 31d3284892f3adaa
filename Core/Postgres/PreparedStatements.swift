/// The statements that the server keeps for one link under a name: taken apart and planned once, for to plan
/// one of ours takes it longer than to run it (PostgreSQL 15, section 55.2.3 and PREPARE). What is asked once
/// is not worth a name.
struct PreparedStatements {
    enum Standing: Equatable {
        case unnamed
        /// It is asked again, and so it is prepared under this name first.
        case due(name: String)
        case prepared(name: String)
    }

    /// Each takes some tens of kB of the server's memory; a function has a dozen.
    static let limit = 100

    /// Of this link alone: were its server another's after all, a name would be unknown there and not mean
    /// something else.
    private let mark = String(UInt64.random(in: .min ... .max), radix: 36)
    private var names: [String: String] = [:]
    private var met: Set<String> = []

    func standing(of text: String) -> Standing {
        if let name = names[text] { return .prepared(name: name) }
        guard names.count < Self.limit, met.contains(text) else { return .unnamed }
        return .due(name: "\(mark)-\(names.count + 1)")
    }

    mutating func meet(_ text: String) {
        guard names.count < Self.limit else { return }
        if met.count >= Self.limit { met.removeAll() }
        met.insert(text)
    }

    mutating func keep(_ text: String, as name: String) {
        names[text] = name
        met.remove(text)
    }
}
