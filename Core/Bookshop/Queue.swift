/// What the shop needs of one queue: to be told later, at least once. Failures are `OutsideFailure`.
public struct Queue {
    public var deliver: (_ message: String, _ delaySeconds: Int) throws -> Void

    public init(deliver: @escaping (_ message: String, _ delaySeconds: Int) throws -> Void) {
        self.deliver = deliver
    }

    /// Not before so many seconds from now, at most 900 (SQS, `DelaySeconds`).
    public func send(_ message: String, delaySeconds: Int = 0) throws { try deliver(message, delaySeconds) }

    public static var unset: Queue { Queue { _, _ in throw Unset("Queue.deliver") } }
}
