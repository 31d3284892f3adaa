import Synchronization
import Template

/// One token bucket a route: a request takes a token, tokens come back at the rate, up to the burst.
final class GatewayThrottle: Sendable {
    private let limits: @Sendable (_ routeKey: String) -> Throttle?
    private let buckets = Mutex<[String: Bucket]>([:])

    private struct Bucket {
        var tokens: Double
        var filled: ContinuousClock.Instant
    }

    init(_ api: HTTPAPI) {
        limits = { api.routeThrottles[$0] ?? api.defaultThrottle }
    }

    /// Whether the route takes one more request at this instant.
    func admits(_ routeKey: String, at now: ContinuousClock.Instant) -> Bool {
        guard let limit = limits(routeKey) else { return true }
        let burst = Double(limit.burst)
        return buckets.withLock { buckets in
            var bucket = buckets[routeKey] ?? Bucket(tokens: burst, filled: now)
            let elapsed = (now - bucket.filled) / .seconds(1)
            bucket.tokens = min(burst, bucket.tokens + max(0, elapsed) * limit.requestsPerSecond)
            bucket.filled = max(now, bucket.filled)
            let admits = bucket.tokens >= 1
            if admits { bucket.tokens -= 1 }
            buckets[routeKey] = bucket
            return admits
        }
    }
}
