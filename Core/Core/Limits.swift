public import Bookshop
public import Lambda
internal import Postgres
internal import Records

extension Shop {
    /// Refuses what somebody asks for too often. Said after it is known who asks, and before anything is done:
    /// `try shop.limit(request, .checkout, of: customer.id)`; without a person, the network counts.
    public func limit(_ request: Request, _ route: CostlyRoute, of person: Principal.ID? = nil) throws {
        let asker = person.map(Asker.person) ?? .network(address: request.sourceIP)
        guard let seconds = try turnstile.waitSeconds(route, asker) else { return }
        log("too many requests", ["limit": route.rawValue], level: .warning)
        throw Problem.tooManyRequests(after: seconds)
    }
}

extension Turnstile {
    static func live(_ database: Connection) -> Turnstile {
        Turnstile { route, asker in
            try database.transaction(.readCommitted) { try $0.waitSeconds(for: route, of: asker) }
        }
    }
}
