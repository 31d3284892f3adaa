import Foundation

/// As whom PostgreSQL runs. It refuses to run as root, so root lends it the account made for it.
struct DatabaseAccount: Sendable {
    private var loan: (user: uid_t, group: gid_t)?
    private var reachesEverything = false

    /// Of Debian's package; where that made none, the one that owns nothing.
    private static let candidates = ["postgres", "nobody"]
    private static let setpriv = "/usr/bin/setpriv"

    init() throws(Refusal) {
        guard geteuid() == 0 else { return }
        guard let entry = Self.candidates.lazy.compactMap({ getpwnam($0) }).first else {
            throw Refusal(
                "PostgreSQL does not run as root, and there is no user postgres or nobody to lend it.")
        }
        guard access(Self.setpriv, X_OK) == 0 else {
            throw Refusal("\(Self.setpriv) is missing: apt-get install util-linux")
        }
        loan = (entry.pointee.pw_uid, entry.pointee.pw_gid)
    }

    func command(_ program: [String]) -> [String] {
        guard let loan else { return program }
        let capabilities = "+dac_override,+dac_read_search"
        let rights =
            reachesEverything ? ["--inh-caps=\(capabilities)", "--ambient-caps=\(capabilities)"] : []
        return [Self.setpriv, "--reuid=\(loan.user)", "--regid=\(loan.group)", "--clear-groups"]
            + rights + ["--"] + program
    }

    /// A folder for the account alone.
    func makeFolder(_ path: String) throws(Refusal) {
        if mkdir(path, 0o700) != 0, errno != EEXIST {
            throw Refusal("\(path) cannot be made: \(String(cString: strerror(errno)))")
        }
        if let loan, chown(path, loan.user, loan.group) != 0 {
            throw Refusal("\(path) cannot be given to PostgreSQL: \(String(cString: strerror(errno)))")
        }
    }

    /// A folder below one that only root may enter, `/root` say, is out of reach of a borrowed account; then
    /// it is also lent the right to pass.
    func withAccess(to path: String, log: FileHandle) async throws -> DatabaseAccount {
        guard loan != nil else { return self }
        let attempt = try ChildProcess(command(["/usr/bin/test", "-w", path]), output: log)
        var account = self
        account.reachesEverything = await attempt.wait() != 0
        return account
    }
}
