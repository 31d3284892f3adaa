import Postgres

extension Transaction {
    /// Runs what may break a constraint and throws what that means instead. The transaction is lost then.
    func run(_ sql: SQL, unless broken: [String: any Error]) throws {
        do throws(PostgresError) { try run(sql) } catch {
            throw error.constraint.flatMap { broken[$0] } ?? error
        }
    }
}
