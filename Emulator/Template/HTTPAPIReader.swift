extension TemplateReader {
    func api(_ resource: Resolution.Resource, _ given: Fields) throws(TemplateError) -> HTTPAPI {
        var fields = given
        fields.ignore(
            "AccessLogSettings", "Description", "Tags", "FailOnWarnings", "PropagateTags", "StageVariables",
            "Domain", "DisableExecuteApiEndpoint")
        var api = HTTPAPI(
            logicalID: resource.logicalID, id: resource.logicalID.lowercased(),
            name: try fields.string("Name") ?? resolution.place.stackName)
        api.stage = try fields.string("StageName") ?? "$default"
        api.cors = try cors(&fields)
        if var auth = try fields.fields("Auth") {
            try authorizers(&auth, into: &api)
            try auth.end()
        }
        if var settings = try fields.fields("DefaultRouteSettings") {
            api.defaultThrottle = try throttle(&settings)
            try settings.end()
        }
        for (route, var settings) in try fields.named("RouteSettings") ?? [] {
            if let throttle = try throttle(&settings) { api.routeThrottles[route] = throttle }
            try settings.end()
        }
        try fields.end()
        return api
    }

    /// nil where the settings hold no limit.
    func throttle(_ fields: inout Fields) throws(TemplateError) -> Throttle? {
        fields.ignore("DetailedMetricsEnabled", "DataTraceEnabled", "LoggingLevel")
        let burst = try fields.integer("ThrottlingBurstLimit")
        let rate = try fields.number("ThrottlingRateLimit")
        guard burst != nil || rate != nil else { return nil }
        // A region's own quota where only one of the two is set.
        return Throttle(burst: burst ?? 5_000, requestsPerSecond: rate ?? 10_000)
    }

    private func cors(_ fields: inout Fields) throws(TemplateError) -> CORS? {
        if let text = fields.node("CorsConfiguration")?.text {
            guard text == "true" else { return nil }
            return CORS(allowOrigins: ["*"])
        }
        guard var section = try fields.fields("CorsConfiguration") else { return nil }
        var cors = CORS()
        cors.allowOrigins = try section.strings("AllowOrigins") ?? []
        cors.allowMethods = try section.strings("AllowMethods") ?? []
        cors.allowHeaders = try section.strings("AllowHeaders") ?? []
        cors.exposeHeaders = try section.strings("ExposeHeaders") ?? []
        cors.maxAgeSeconds = try section.integer("MaxAge", in: 0...86_400)
        cors.allowCredentials = try section.bool("AllowCredentials") ?? false
        try section.end()
        if cors.allowCredentials, cors.allowOrigins.contains("*") {
            throw section.error(
                "AllowCredentials", .contradiction("credentials are never allowed to any origin"))
        }
        return cors
    }

    private func authorizers(_ auth: inout Fields, into api: inout HTTPAPI) throws(TemplateError) {
        for (name, var fields) in try auth.named("Authorizers") ?? [] {
            guard var configuration = try fields.fields("JwtConfiguration") else {
                throw fields.error(nil, .notSupported("authorizers without JwtConfiguration"))
            }
            let authorizer = JWTAuthorizer(
                name: name, issuer: try configuration.required("issuer"),
                audience: try configuration.strings("audience") ?? [],
                identitySource: try fields.string("IdentitySource") ?? "$request.header.Authorization",
                scopes: try fields.strings("AuthorizationScopes") ?? [])
            try configuration.end()
            try fields.end()
            api.authorizers.append(authorizer)
        }
        if let name = try auth.string("DefaultAuthorizer") {
            guard api.authorizer(named: name) != nil else {
                throw auth.error("DefaultAuthorizer", .noSuch("authorizer \(name)"))
            }
            api.defaultAuthorizer = name
        }
        if try auth.bool("EnableIamAuthorizer") == true {
            throw auth.error("EnableIamAuthorizer", .notSupported("authorization by IAM"))
        }
    }
}
