public import FoundationEssentials

/// A service outside that many call at once. What one of them learns of it is true for all.
public enum OutsideService: String, CaseIterable, Codable, Sendable {
    case speech, writing
    /// Of what is said in books.
    case index

    /// So many failures in a row, whoever's they were, are no accident: from then on it is only looked at now and then.
    public static let failuresToOpen = 5
    /// No queue holds back a message for longer (SQS, `DelaySeconds`).
    public static let longestRestSeconds = 900

    /// How long it is left alone after so many failures in a row: half a minute, and each time twice as long, up to
    /// ten minutes. Nil as long as it may have been an accident.
    public static func restSeconds(afterFailures failures: Int) -> Int? {
        guard failures >= failuresToOpen else { return nil }
        return min(600, 30 << min(failures - failuresToOpen, 5))
    }
}

/// Until when a service is not to be called, and why.
public struct Rest: Hashable, Sendable {
    public enum Reason: String, Codable, Sendable {
        /// It said so.
        case throttled
        /// It did not answer, several times in a row.
        case unavailable
    }

    public let reason: Reason
    public let until: Date

    public init(_ reason: Reason, until: Date) { (self.reason, self.until) = (reason, until) }

    /// For a message that is to come after it.
    public func delaySeconds(from now: Date) -> Int {
        min(OutsideService.longestRestSeconds, max(1, Int(until.timeIntervalSince(now).rounded(.up))))
    }
}

/// A service was called in vain, and is left alone now: whoever wanted it comes again after its rest.
public struct ServiceRests: Error, Equatable {
    public let rest: Rest
    public let failure: OutsideFailure

    public init(_ rest: Rest, after failure: OutsideFailure) { (self.rest, self.failure) = (rest, failure) }
}
