// Keeps the index of what is said in books, where the shop has one beside its records. The bus tells of a text that is
// ready; every minute it is looked for others that changed, were replaced or erased, and for an index that was lost.
//
// Both do the same: they bring into the index what it has not, text after text. Told again, or at once with another,
// it finds nothing to do, or another text.

import Core
import World

func fill(_ event: BusEvent, in shop: Shop) throws { try shop.fillIndex() }

func fill(_ event: ScheduleEvent, in shop: Shop) throws { try shop.fillIndex() }

Lambda.serve({ try Shop.live().reaching(.index) }, schedule: fill, bus: fill)
