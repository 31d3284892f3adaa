/// Every order of the elements in which each stands once or twice. Of more than three, at most one stands twice, and
/// then again at the end, so that there are hundreds and not thousands.
func deliveries<Element>(of elements: [Element]) -> [[Element]] {
    let counts = multiplicities(elements.count).filter { counts in
        elements.count <= 3 || counts.count(where: { $0 == 2 }) <= 1
    }
    return counts.flatMap { counts in orders(of: counts).filter { isTried($0, counts) } }
        .map { order in order.map { elements[$0] } }
}

private func isTried(_ order: [Int], _ counts: [Int]) -> Bool {
    counts.count <= 3 || order.count == counts.count || order.last.map { counts[$0] } == 2
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
