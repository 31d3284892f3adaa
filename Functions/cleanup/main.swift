// Every quarter of an hour: takes from the storage what nobody needs any more, in rounds of many turns. A
// round begins each day, and goes on where the last turn ended.
//
// That something goes is written down before it is removed, so whoever comes after one that broke off removes
// it again, which changes nothing. Two at once do no harm: the one that moves the round on is told from the
// one that is late.

import Core
import World

func cleanup(_ event: ScheduleEvent, in shop: Shop) throws {
    do { try shop.cleanUp() } catch let failure as OutsideFailure {
        // What is not done is done by the next turn.
        log("the storage was not cleaned up", ["reason": failure.word], level: .error)
    } catch is RoundMoved { log("another cleanup is at work") }
}

Lambda.serve({ try Shop.live().reaching(.storage, .inventory) }, schedule: cleanup)
