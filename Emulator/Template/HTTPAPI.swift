/// An `AWS::Serverless::HttpApi`, or the implicit one of routes that name none.
public struct HTTPAPI: Hashable, Sendable {
    /// `ServerlessHttpApi` for the implicit one.
    public var logicalID: String
    /// What stands for the API in host names and request contexts.
    public var id: String
    public var name: String
    /// `$default` unless `StageName` says otherwise.
    public var stage: String
    public var cors: CORS?
    public var authorizers: [JWTAuthorizer]
    /// Already applied to the routes, which name their authorizer each.
    public var defaultAuthorizer: String?
    public var defaultThrottle: Throttle?
    /// By route key: `POST /cart`.
    public var routeThrottles: [String: Throttle]

    public init(
        logicalID: String, id: String, name: String, stage: String = "$default", cors: CORS? = nil,
        authorizers: [JWTAuthorizer] = [], defaultAuthorizer: String? = nil, defaultThrottle: Throttle? = nil,
        routeThrottles: [String: Throttle] = [:]
    ) {
        self.logicalID = logicalID
        self.id = id
        self.name = name
        self.stage = stage
        self.cors = cors
        self.authorizers = authorizers
        self.defaultAuthorizer = defaultAuthorizer
        self.defaultThrottle = defaultThrottle
        self.routeThrottles = routeThrottles
    }

    public func authorizer(named name: String) -> JWTAuthorizer? {
        authorizers.first { $0.name == name }
    }
}

public struct CORS: Hashable, Sendable {
    public var allowOrigins: [String]
    public var allowMethods: [String]
    public var allowHeaders: [String]
    public var exposeHeaders: [String]
    public var maxAgeSeconds: Int?
    public var allowCredentials: Bool

    public init(
        allowOrigins: [String] = [], allowMethods: [String] = [], allowHeaders: [String] = [],
        exposeHeaders: [String] = [], maxAgeSeconds: Int? = nil, allowCredentials: Bool = false
    ) {
        self.allowOrigins = allowOrigins
        self.allowMethods = allowMethods
        self.allowHeaders = allowHeaders
        self.exposeHeaders = exposeHeaders
        self.maxAgeSeconds = maxAgeSeconds
        self.allowCredentials = allowCredentials
    }
}

public struct JWTAuthorizer: Hashable, Sendable {
    public var name: String
    public var issuer: String
    public var audience: [String]
    /// `$request.header.Authorization` or `$request.querystring.token`, as written.
    public var identitySource: String
    public var scopes: [String]

    public init(
        name: String, issuer: String, audience: [String],
        identitySource: String = "$request.header.Authorization", scopes: [String] = []
    ) {
        self.name = name
        self.issuer = issuer
        self.audience = audience
        self.identitySource = identitySource
        self.scopes = scopes
    }
}

/// A token bucket: how many requests at once, and how many a second after that.
public struct Throttle: Hashable, Sendable {
    public var burst: Int
    public var requestsPerSecond: Double

    public init(burst: Int, requestsPerSecond: Double) {
        self.burst = burst
        self.requestsPerSecond = requestsPerSecond
    }
}
