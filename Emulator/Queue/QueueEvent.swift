import Foundation
import Groundwork

/// What happened to a queue.
enum QueueEvent: Codable, Hashable, Sendable {
    case sent(QueuedMessage)
    case received(id: String, count: Int, at: Date, visibleAt: Date)
    case visible(id: String, at: Date)
    case deleted(id: String)
    case purged
}

typealias QueueLog = Journal<QueueEvent>
