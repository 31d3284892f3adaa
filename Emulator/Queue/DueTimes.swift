import Foundation

/// Ids by the instant they become due: a binary heap.
struct DueTimes: Sendable {
    struct Due: Hashable, Sendable {
        let at: Date
        /// Breaks ties, so that messages keep their order as far as they may.
        let order: Int
        let id: String

        static func < (one: Due, other: Due) -> Bool {
            one.at == other.at ? one.order < other.order : one.at < other.at
        }
    }

    private var heap: [Due] = []
    private var nextOrder = 0

    var first: Due? { heap.first }

    /// The order tells this entry from others of the same id.
    @discardableResult
    mutating func insert(_ id: String, at date: Date) -> Int {
        heap.append(Due(at: date, order: nextOrder, id: id))
        nextOrder += 1
        var child = heap.count - 1
        while child > 0, heap[child] < heap[(child - 1) / 2] {
            heap.swapAt(child, (child - 1) / 2)
            child = (child - 1) / 2
        }
        return nextOrder - 1
    }

    mutating func removeFirst() -> Due {
        heap.swapAt(0, heap.count - 1)
        let first = heap.removeLast()
        var parent = 0
        while true {
            var least = parent
            for child in [2 * parent + 1, 2 * parent + 2]
            where child < heap.count && heap[child] < heap[least] {
                least = child
            }
            guard least != parent else { return first }
            heap.swapAt(parent, least)
            parent = least
        }
    }
}
