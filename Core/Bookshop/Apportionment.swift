/// Divides an amount among others in their proportion, so that the parts are exactly the whole: first what
/// divides evenly, rounded down, then one unit each to those who lost most by rounding, the earlier first
/// (the method of the largest remainder).
public func apportioned(_ amount: Int, among weights: [Int], unit: Int = 1) -> [Int] {
    let sum = weights.reduce(0, +)
    precondition(unit >= 1 && amount.isMultiple(of: unit), "a part is made of whole units")
    precondition(
        weights.allSatisfy { $0 >= 0 } && (0...sum).contains(amount), "nobody gives more than they have")
    guard sum > 0 else { return weights.map { _ in 0 } }
    var parts: [Int] = [], remainders: [Int] = []
    for weight in weights {
        // The product of two sums of money has more than 64 bits.
        let (quotient, remainder) = sum.dividingFullWidth((amount / unit).multipliedFullWidth(by: weight))
        parts.append(quotient)
        remainders.append(remainder)
    }
    let missing = amount / unit - parts.reduce(0, +)
    let losers = weights.indices.sorted { (remainders[$1], $0) < (remainders[$0], $1) }
    for index in losers.prefix(missing) { parts[index] += 1 }
    return parts.map { $0 * unit }
}
