/// Every order of the elements in which each stands once or twice. Of more than three, at most one stands twice, and
/// then again at the end, so that there are hundreds and not thousands.
func deliveries<Element>(of elements: [Element]) -> [[Element]] {
    let once = orders(of: elements.map { _ in 1 })
    let found =
        elements.count > 3
        ? once + elements.indices.flatMap { again in once.map { $0 + [again] } }
        : multiplicities(elements.count).flatMap(orders)
    return found.map { order in order.map { elements[$0] } }
}

/// How often each may stand: `[1, 1]`, `[1, 2]`, ….
private func multiplicities(_ count: Int) -> [[Int]] {
    guard count > 0 else { return [[]] }
    return multiplicities(count - 1).flatMap { [$0 + [1], $0 + [2]] }
}

/// Every order of a multiset, each once.
private func orders(of counts: [Int]) -> [[Int]] {
    guard counts.contains(where: { $0 > 0 }) else { return [[]] }
    return counts.indices.filter { counts[$0] > 0 }.flatMap { first in
        var rest = counts
        rest[first] -= 1
        return orders(of: rest).map { [first] + $0 }
    }
}
