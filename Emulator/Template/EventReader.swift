import Foundation

extension TemplateReader {
    /// One entry of a function's `Events`.
    func read(
        _ name: String, _ given: Fields, into function: inout Function, of template: inout Template
    ) throws(TemplateError) {
        var fields = given
        let type = try fields.required("Type")
        let properties = fields.node("Properties")
        try fields.end()
        var details = try Fields(properties, at: "\(fields.path).Properties", line: fields.line)
        switch type {
        case "HttpApi": function.routes.append(try route(name, &details, &template))
        case "S3": function.storageTriggers.append(try storage(name, &details))
        case "SQS": function.queueTriggers.append(try queueTrigger(name, &details))
        case "Schedule": function.schedules.append(try rule(name, function, &details))
        case "ScheduleV2": function.schedules.append(try scheduler(name, function, &details))
        case "EventBridgeRule": function.busTriggers.append(try busTrigger(name, function, &details))
        default: throw fields.error("Type", .notSupported("events of type \(type)"))
        }
        try details.end()
    }

    private func route(
        _ name: String, _ fields: inout Fields, _ template: inout Template
    ) throws(TemplateError) -> Route {
        let id = try fields.string("ApiId") ?? Resolution.implicitAPI.lowercased()
        guard let api = template.apis.firstIndex(where: { $0.id == id }) else {
            throw fields.error("ApiId", .noSuch("HTTP API \(id) in this template"))
        }
        var method = try fields.string("Method")?.uppercased()
        let path = try fields.string("Path")
        guard (method == nil) == (path == nil) else {
            throw fields.error(nil, .contradiction("Path and Method come together or not at all"))
        }
        if method == "X-AMAZON-APIGATEWAY-ANY-METHOD" { method = "ANY" }
        if let path, !path.hasPrefix("/") {
            throw fields.error("Path", .expected("a path that starts with /"))
        }
        if let version = try fields.string("PayloadFormatVersion"), version != "2.0" {
            throw fields.error("PayloadFormatVersion", .notSupported("payload format \(version)"))
        }
        let route = Route(
            name: name, api: template.apis[api].logicalID, method: method ?? "ANY", path: path ?? "$default",
            authorization: try authorization(&fields, template.apis[api]),
            timeoutMilliseconds: try fields.integer("TimeoutInMillis", in: 50...30_000) ?? 30_000)
        if var settings = try fields.fields("RouteSettings") {
            if let throttle = try throttle(&settings) {
                template.apis[api].routeThrottles[route.key] = throttle
            }
            try settings.end()
        }
        return route
    }

    /// A route without `Auth` has the default of its API; `NONE` opens it.
    private func authorization(
        _ fields: inout Fields, _ api: HTTPAPI
    ) throws(TemplateError) -> RouteAuthorization {
        var auth = try fields.fields("Auth")
        auth?.ignore("InvokeRole")
        let scopes = try auth?.strings("AuthorizationScopes")
        let named = try auth?.string("Authorizer")
        try auth?.end()
        guard let name = named ?? api.defaultAuthorizer, name != "NONE" else {
            guard scopes == nil else {
                throw fields.error("Auth", .contradiction("AuthorizationScopes without an authorizer"))
            }
            return .none
        }
        guard let authorizer = api.authorizer(named: name) else {
            if name == "AWS_IAM" { throw fields.error("Auth", .notSupported("authorization by IAM")) }
            throw fields.error("Auth", .noSuch("authorizer \(name) at \(api.logicalID)"))
        }
        return .jwt(authorizer: name, scopes: scopes ?? authorizer.scopes)
    }

    private func storage(_ name: String, _ fields: inout Fields) throws(TemplateError) -> StorageTrigger {
        var trigger = StorageTrigger(
            name: name, bucket: try fields.required("Bucket"), events: try fields.strings("Events") ?? [])
        guard let problem = trigger.events.first(where: { !$0.hasPrefix("s3:") }) else {
            if trigger.events.isEmpty { throw fields.error(nil, .missing("Events")) }
            (trigger.prefix, trigger.suffix) = try filter(&fields)
            return trigger
        }
        throw fields.error("Events", .notSupported("the event \(problem)"))
    }

    /// `Filter: { S3Key: { Rules: [{ Name: prefix, Value: … }] } }`.
    func filter(_ fields: inout Fields) throws(TemplateError) -> (prefix: String, suffix: String) {
        var result = (prefix: "", suffix: "")
        guard var filter = try fields.fields("Filter") else { return result }
        if var key = try filter.fields("S3Key") {
            for var rule in try key.list("Rules") ?? [] {
                let value = try rule.string("Value") ?? ""
                switch try rule.required("Name").lowercased() {
                case "prefix": result.prefix = value
                case "suffix": result.suffix = value
                default: throw rule.error("Name", .expected("prefix or suffix"))
                }
                try rule.end()
            }
            try key.end()
        }
        try filter.end()
        return result
    }

    private func queueTrigger(_ name: String, _ fields: inout Fields) throws(TemplateError) -> QueueTrigger {
        var trigger = QueueTrigger(name: name, queueARN: try fields.required("Queue"))
        trigger.batchSize = try fields.integer("BatchSize", in: 1...10_000) ?? 10
        trigger.batchingWindowSeconds = try fields.integer("MaximumBatchingWindowInSeconds", in: 0...300) ?? 0
        trigger.enabled = try fields.bool("Enabled") ?? true
        for type in try fields.strings("FunctionResponseTypes") ?? [] {
            guard type == "ReportBatchItemFailures" else {
                throw fields.error("FunctionResponseTypes", .notSupported("the response type \(type)"))
            }
            trigger.reportsBatchItemFailures = true
        }
        if var scaling = try fields.fields("ScalingConfig") {
            trigger.maximumConcurrency = try scaling.integer("MaximumConcurrency", in: 2...1_000)
            try scaling.end()
        }
        return trigger
    }
}
