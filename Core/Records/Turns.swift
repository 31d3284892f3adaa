public import Bookshop
public import Postgres

extension Transaction {
    /// Takes a turn, or answers after how many seconds there will be one. In a transaction of its own and READ
    /// COMMITTED: the turn is taken whatever becomes of the request, and no other waits longer than it takes.
    public func waitSeconds(for route: CostlyRoute, of asker: Asker) throws -> Int? {
        let (caller, limit): (SQL, RateLimit) =
            switch asker {
            case .person(let id): ("'person:' || \(id)::text", route.perPerson)
            case .network(let address): ("plumbing.network_of(\(address))", route.perNetwork)
            }
        let seconds: Int = try only(
            "SELECT plumbing.take_turn(\(route.rawValue), \(caller), \(limit.most), \(limit.seconds))")
        return seconds == 0 ? nil : seconds
    }

    /// Forgets whoever has not asked for as long as it counts.
    @discardableResult
    public func forgetTurns() throws -> Int {
        try run("DELETE FROM plumbing.rate_limits WHERE forgotten_at <= clock_timestamp()")
    }
}
