/// How the time until the deadline is shared out: the server gives up before we do, and we before the
/// platform does, so that there is an error to tell and time left to tell it.
struct Limits {
    /// When we stop waiting for the server.
    let waiting: ContinuousClock.Instant
    /// When we stop waiting for a connection that was idle.
    let idle: ContinuousClock.Instant
    let statementMilliseconds: Int
    let lockMilliseconds: Int
    let idleMilliseconds: Int

    init?(_ deadline: ContinuousClock.Instant?) {
        guard let deadline else { return nil }
        let left = Int(milliseconds(until: deadline))
        let now = ContinuousClock.Instant.now
        waiting = now + .milliseconds(left - min(left / 10, 250))
        idle = now + .milliseconds(min(left / 3, 2000))
        // 0 would mean no limit at all.
        statementMilliseconds = max(1, left - min(left / 5, 500))
        lockMilliseconds = max(1, min(statementMilliseconds / 2, 5000))
        idleMilliseconds = left + 1000
    }
}
