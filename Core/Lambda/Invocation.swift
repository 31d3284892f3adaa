internal import Glibc

/// What a world must know of each event before it is handled: how long it may take.
public protocol Serving {
    func begin(_ invocation: Invocation)
}

public typealias Invocation = Lambda.Invocation

extension Lambda {
    /// One event and its deadline.
    public struct Invocation: Sendable {
        public var id: String
        /// When the platform gives this event up. On a clock that goes on while the environment is frozen.
        public var deadline: ContinuousClock.Instant
        /// The trace header of X-Ray, as it came: `Root=1-…;Parent=…;Sampled=…`.
        public var traceID: String?
        public var functionARN: String?
        /// The JSON that a mobile client sent along, and the identity that called; both as they came.
        public var clientContext: String?
        public var cognitoIdentity: String?
        public var tenantID: String?

        public init(
            id: String = "00000000-0000-0000-0000-000000000000",
            deadline: ContinuousClock.Instant = .now + .seconds(30), traceID: String? = nil,
            functionARN: String? = nil, clientContext: String? = nil, cognitoIdentity: String? = nil,
            tenantID: String? = nil
        ) {
            (self.id, self.deadline, self.traceID, self.functionARN) = (id, deadline, traceID, functionARN)
            (self.clientContext, self.cognitoIdentity, self.tenantID) = (
                clientContext, cognitoIdentity, tenantID
            )
        }

        /// What is left until the deadline; never negative.
        public var remaining: Duration { max(.zero, ContinuousClock.now.duration(to: deadline)) }
    }
}

extension Lambda.Invocation {
    /// From the headers that came with the event; nil when they lack an id that can be answered to. All else
    /// may be missing: the platform leaves out what is empty.
    init?(headers: HeaderFields) {
        guard let id = headers["lambda-runtime-aws-request-id"], Self.isPlain(id) else { return nil }
        self.init(
            id: id,
            deadline: .now + Self.remaining(until: headers["lambda-runtime-deadline-ms"]),
            traceID: headers["lambda-runtime-trace-id"],
            functionARN: headers["lambda-runtime-invoked-function-arn"],
            clientContext: headers["lambda-runtime-client-context"],
            cognitoIdentity: headers["lambda-runtime-cognito-identity"],
            tenantID: headers["lambda-runtime-aws-tenant-id"])
    }

    /// The id becomes part of a path.
    private static func isPlain(_ id: String) -> Bool {
        (1...128).contains(id.utf8.count)
            && id.utf8.allSatisfy { byte in
                switch byte {
                case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                    UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "_"):
                    true
                default: false
                }
            }
    }

    /// The deadline is told as milliseconds of the wall clock. No function may run longer than 15 minutes, so
    /// a stranger value is a clock gone wrong and not a deadline; without one, the patience of the HTTP
    /// gateway is assumed.
    private static func remaining(until deadline: String?) -> Duration {
        guard let milliseconds = deadline.flatMap({ unsignedDecimal($0.utf8) }) else { return .seconds(30) }
        var now = timespec()
        clock_gettime(CLOCK_REALTIME, &now)
        let elapsed = now.tv_sec * 1000 + now.tv_nsec / 1_000_000
        return .milliseconds(min(max(0, milliseconds - elapsed), 900_000))
    }
}

/// A number written in digits alone; what does not fit is as large as can be.
func unsignedDecimal(_ digits: some Collection<UInt8>) -> Int? {
    guard !digits.isEmpty else { return nil }
    var value = 0
    for digit in digits {
        guard digit >= UInt8(ascii: "0"), digit <= UInt8(ascii: "9") else { return nil }
        let (shifted, overflow) = value.multipliedReportingOverflow(by: 10)
        let (sum, carry) = shifted.addingReportingOverflow(Int(digit - UInt8(ascii: "0")))
        value = overflow || carry ? .max : sum
    }
    return value
}
