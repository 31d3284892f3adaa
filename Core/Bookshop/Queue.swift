/// What the shop needs of one queue: to be told later, at least once. Failures are `OutsideFailure`.
public struct Queue {
    public var send: (_ message: String) throws -> Void

    public init(send: @escaping (_ message: String) throws -> Void) { self.send = send }

    public static var unset: Queue { Queue { _ in throw Unset("Queue.send") } }
}
