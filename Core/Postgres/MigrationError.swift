public enum MigrationError: Error, Equatable, CustomStringConvertible {
    case unreadable(String)
    case badlyNamed(String)
    case sameNumber(String, String)
    case edited(String)
    case missing(String)
    case late(String, after: String)
    case refused(String, line: Int?, PostgresError)

    public var description: String {
        switch self {
        case .unreadable(let path): "\(path) cannot be read as UTF-8 migrations"
        case .badlyNamed(let name): "\(name) is not named like 0001_what_it_does.sql"
        case .sameNumber(let one, let other): "\(one) and \(other) have the same number"
        case .edited(let name):
            "\(name) was applied and has been edited since: put it back, and add a new file"
        case .missing(let name):
            "\(name) was applied to this database and is not in the folder: this build is older"
        case .late(let name, let applied):
            "\(name) comes before \(applied), which is already applied: renumber it"
        case .refused(let name, let line, let error):
            "\(name)\(line.map { ":\($0)" } ?? ""): \(error)"
        }
    }
}
