public import Bookshop
import FoundationEssentials
import Lambda
import Records

extension Shop {
    /// Calls a service outside that others call too, and notes for all of them what came of it.
    ///
    /// Throws `ServiceRests` when it is to be left alone from now on, and otherwise what the call threw.
    public func calling<Answer>(_ service: OutsideService, _ call: () throws -> Answer) throws -> Answer {
        do {
            let answer = try call()
            try database.transaction(.readCommitted) { try $0.answered(service) }
            return answer
        } catch let failure as OutsideFailure {
            let rest = try database.transaction(.readCommitted) {
                try $0.failed(service, as: failure.kind, because: failure.word)
            }
            guard let rest else { throw failure }
            log(
                "a service outside is left alone",
                [
                    "service": service.rawValue, "reason": failure.word,
                    "seconds": rest.delaySeconds(from: Date()),
                ], level: .warning)
            throw ServiceRests(rest, after: failure)
        }
    }
}
