/// What a SAM template deploys, with every intrinsic function resolved to what it is under the emulator.
public struct Template: Hashable, Sendable {
    public var functions: [Function]
    public var apis: [HTTPAPI]
    public var buckets: [Bucket]
    public var queues: [Queue]
    public var buses: [EventBus]
    /// Resources that are understood to change nothing here: roles, alarms, log groups …
    public var tolerated: [ToleratedResource]
    public var outputs: [String: String]

    public init(
        functions: [Function] = [], apis: [HTTPAPI] = [], buckets: [Bucket] = [], queues: [Queue] = [],
        buses: [EventBus] = [], tolerated: [ToleratedResource] = [], outputs: [String: String] = [:]
    ) {
        self.functions = functions
        self.apis = apis
        self.buckets = buckets
        self.queues = queues
        self.buses = buses
        self.tolerated = tolerated
        self.outputs = outputs
    }

    /// By physical name, as the invoke API and the triggers know it.
    public func function(named name: String) -> Function? {
        functions.first { $0.name == name }
    }
}

public struct ToleratedResource: Hashable, Sendable {
    public var logicalID: String
    public var type: String

    public init(logicalID: String, type: String) {
        self.logicalID = logicalID
        self.type = type
    }
}

/// Where the emulated account lives: what pseudo parameters, ARNs and URLs are made of.
public struct Place: Hashable, Sendable {
    public var region: String
    public var account: String
    public var stackName: String
    /// Without a slash at the end, e.g. `http://127.0.0.1:8080`.
    public var gatewayOrigin: String
    public var storageOrigin: String
    public var queueOrigin: String

    public init(
        region: String = "eu-central-1", account: String = "000000000000", stackName: String = "earshelf",
        gatewayOrigin: String = "http://127.0.0.1:8080", storageOrigin: String = "http://127.0.0.1:8082",
        queueOrigin: String = "http://127.0.0.1:8083"
    ) {
        self.region = region
        self.account = account
        self.stackName = stackName
        self.gatewayOrigin = gatewayOrigin
        self.storageOrigin = storageOrigin
        self.queueOrigin = queueOrigin
    }
}
