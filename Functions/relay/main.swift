// Every minute: keeps the signing keys fresh, tells the bus what is written in the outbox, and finishes what was left
// half done: lost jobs, abandoned uploads, payment pages nobody heard of again, webhooks that were kept for later.
//
// One step that fails does not keep the others from their turn. Two relays at once do no harm: one finds the
// lease taken.

import Core
import World

func relay(_ event: ScheduleEvent, in shop: Shop) throws {
    let lease = Lease()
    let isOurs = try shop.database.transaction { try $0.take(lease, of: "relay", seconds: 55) }
    guard isOurs else { return log("another relay is at work") }
    for sweep in Sweep.allCases {
        do { try sweep.run(in: shop) } catch {
            log("sweep failed", ["sweep": sweep.rawValue, "error": "\(error)"], level: .error)
        }
    }
    try shop.database.transaction { try $0.giveBack(lease, of: "relay") }
}

Lambda.serve(
    {
        try Shop.live().reaching(
            .storage, .payments, .transcriptions, .summaries, .exports, .events, .issuer)
    }, schedule: relay)
