/// What the provider could not tell us when it happened. Failures are `OutsideFailure`.
public struct MissedEvents {
    /// Events nobody took, the newest first, behind the one named; and whether there are more. The bytes are of the
    /// event as it would have been delivered.
    public var page: (_ since: Int, _ after: String?) throws -> (events: [[UInt8]], last: String?)

    public init(page: @escaping (_ since: Int, _ after: String?) throws -> (events: [[UInt8]], last: String?))
    {
        self.page = page
    }

    public static var unset: MissedEvents { MissedEvents { _, _ in throw Unset("MissedEvents.page") } }
}
