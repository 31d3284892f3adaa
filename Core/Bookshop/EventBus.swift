/// What the shop needs of its bus: that facts are told to whoever listens, at least once.
public struct EventBus {
    /// Answers what became of each event, in their order. A bus that is out of reach puts them all off.
    public var publish: (_ events: [OutboxEvent]) throws -> [Publication]

    public init(publish: @escaping (_ events: [OutboxEvent]) throws -> [Publication]) {
        self.publish = publish
    }

    public static var unset: EventBus { EventBus { _ in throw Unset("EventBus.publish") } }
}

/// What became of an event on its way to the bus.
public enum Publication: Hashable, Sendable {
    case taken
    /// Not now; it may be told later.
    case putOff(reason: String)
    /// Never, however often it is told.
    case refused(reason: String)
}
