/// The last things of a kind, by their names: so many at most, and of so much weight together.
public struct Recent<Value: Sendable>: Sendable {
    private var values: [String: Value] = [:]
    private var order: ArraySlice<String> = []
    public private(set) var weight = 0
    private let most: Int
    private let mostWeight: Int
    private let weigh: @Sendable (Value) -> Int

    public init(
        most: Int, mostWeight: Int = .max, weigh: @escaping @Sendable (Value) -> Int = { _ in 1 }
    ) {
        (self.most, self.mostWeight, self.weigh) = (most, mostWeight, weigh)
    }

    public subscript(name: String) -> Value? { values[name] }

    public mutating func put(_ value: Value, under name: String) {
        weight += weigh(value)
        if let before = values.updateValue(value, forKey: name) {
            weight -= weigh(before)
        } else {
            order.append(name)
        }
        while order.count > most || weight > mostWeight, order.count > 1, let oldest = order.popFirst() {
            weight -= values.removeValue(forKey: oldest).map(weigh) ?? 0
        }
    }

    /// The one that came last first.
    public func newestFirst(_ limit: Int = .max) -> [Value] {
        order.suffix(limit).reversed().compactMap { values[$0] }
    }
}
