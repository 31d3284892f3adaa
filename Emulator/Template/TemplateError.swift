/// What the reader does not understand, or what contradicts itself, and where.
public struct TemplateError: Error, Hashable, Sendable, CustomStringConvertible {
    /// Starting from 1; 0 where no line can be named.
    public var line: Int
    /// `Resources.Cart.Properties.Timeout`.
    public var path: String
    public var reason: Reason

    public enum Reason: Hashable, Sendable {
        case malformedYAML(String)
        case notSupported(String)
        case expected(String)
        case missing(String)
        case noSuch(String)
        case circular
        case contradiction(String)
    }

    public init(line: Int, path: String, reason: Reason) {
        self.line = line
        self.path = path
        self.reason = reason
    }

    public var description: String {
        let place = line > 0 ? "line \(line)" : "template"
        let subject = path.isEmpty ? place : "\(place), \(path)"
        switch reason {
        case .malformedYAML(let problem): return "\(subject): not valid YAML: \(problem)"
        case .notSupported(let what): return "\(subject): the emulator does not know \(what)"
        case .expected(let what): return "\(subject): \(what) is expected here"
        case .missing(let what): return "\(subject): \(what) is missing"
        case .noSuch(let what): return "\(subject): there is no \(what)"
        case .circular: return "\(subject): depends on itself"
        case .contradiction(let what): return "\(subject): \(what)"
        }
    }
}
