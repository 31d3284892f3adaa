/// Reads what stands before the API: a template with one web ACL, whose rate-based rules count here too.
///
/// The distribution beside it and its bucket of files change nothing on one machine. Whatever else a web ACL can
/// say is refused by name.
public struct EdgeReader {
    private var bodies: [String: (type: String, content: String)] = [:]

    public static func limits(in yaml: String) throws(TemplateError) -> [CallerLimit] {
        var reader = EdgeReader()
        return try reader.read(try Node.parse(yaml))
    }

    private mutating func read(_ root: Node) throws(TemplateError) -> [CallerLimit] {
        var sections = try Fields(root, at: "")
        sections.ignore("AWSTemplateFormatVersion", "Description", "Parameters", "Outputs")
        var limits: [CallerLimit] = []
        for entry in try Fields.entries(of: sections.node("Resources"), at: "Resources") {
            var resource = try Fields(entry.value, at: "Resources.\(entry.key)", line: entry.line)
            switch try resource.required("Type") {
            case "AWS::CloudFront::Distribution", "AWS::CloudFront::OriginAccessControl", "AWS::S3::Bucket",
                "AWS::S3::BucketPolicy":
                continue
            case "AWS::WAFv2::WebACL":
                guard var properties = try resource.fields("Properties") else { continue }
                limits += try rules(of: &properties)
            case let type:
                throw resource.error("Type", .notSupported("resources of type \(type) at the edge"))
            }
        }
        try sections.end()
        return limits
    }

    private mutating func rules(of acl: inout Fields) throws(TemplateError) -> [CallerLimit] {
        acl.ignore("Name", "Description", "Scope", "VisibilityConfig", "Tags")
        guard var usual = try acl.fields("DefaultAction"), usual.node("Allow") != nil else {
            throw acl.error("DefaultAction", .notSupported("web ACLs that let nobody in by default"))
        }
        try usual.end()
        for (name, var body) in try acl.named("CustomResponseBodies") ?? [] {
            let types = [
                "APPLICATION_JSON": "application/json", "TEXT_HTML": "text/html", "TEXT_PLAIN": "text/plain",
            ]
            guard let type = types[try body.required("ContentType")] else {
                throw body.error("ContentType", .expected(types.keys.sorted().joined(separator: " or ")))
            }
            bodies[name] = (type, try body.required("Content"))
            try body.end()
        }
        var ordered: [(priority: Int, limit: CallerLimit)] = []
        for var rule in try acl.list("Rules") ?? [] {
            guard let priority = try rule.integer("Priority") else {
                throw rule.error(nil, .missing("Priority"))
            }
            ordered.append((priority, try limit(of: &rule)))
            try rule.end()
        }
        try acl.end()
        return ordered.sorted { $0.priority < $1.priority }.map(\.limit)
    }

    private func limit(of rule: inout Fields) throws(TemplateError) -> CallerLimit {
        rule.ignore("VisibilityConfig")
        let name = try rule.required("Name")
        guard var action = try rule.fields("Action"), var block = try action.fields("Block") else {
            throw rule.error("Action", .notSupported("another action than Block"))
        }
        guard var statement = try rule.fields("Statement"),
            var rated = try statement.fields("RateBasedStatement")
        else { throw rule.error("Statement", .notSupported("rules that are not rate-based")) }
        guard let most = try rated.integer("Limit", in: 10...2_000_000_000) else {
            throw rated.error(nil, .missing("Limit"))
        }
        let window = try rated.integer("EvaluationWindowSec") ?? 300
        guard [60, 120, 300, 600].contains(window) else {
            throw rated.error("EvaluationWindowSec", .expected("60, 120, 300 or 600"))
        }
        let limit = CallerLimit(
            name: name, limit: most, windowSeconds: window, caller: try caller(&rated),
            scope: try rated.fields("ScopeDownStatement").map { fields throws(TemplateError) in
                try match(fields)
            },
            refusal: try refusal(&block))
        try rated.end()
        try statement.end()
        try block.end()
        try action.end()
        return limit
    }

    private func caller(_ rated: inout Fields) throws(TemplateError) -> CallerLimit.Caller {
        let type = try rated.required("AggregateKeyType")
        if type == "IP" { return .address }
        let keys = try rated.list("CustomKeys") ?? []
        guard type == "CUSTOM_KEYS", keys.count == 1,
            var header = try keys.first.flatMap({
                key throws(TemplateError) in
                var key = key
                return try key.fields("Header")
            })
        else {
            throw rated.error(
                "AggregateKeyType", .notSupported("callers known by something else than one header"))
        }
        header.ignore("TextTransformations")
        let name = try header.required("Name").lowercased()
        try header.end()
        return .header(name)
    }

    private func refusal(_ block: inout Fields) throws(TemplateError) -> CallerLimit.Refusal {
        guard var custom = try block.fields("CustomResponse") else { return CallerLimit.Refusal(status: 403) }
        guard let status = try custom.integer("ResponseCode", in: 200...599) else {
            throw custom.error(nil, .missing("ResponseCode"))
        }
        var refusal = CallerLimit.Refusal(status: status)
        for var header in try custom.list("ResponseHeaders") ?? [] {
            let name = try header.required("Name").lowercased()
            guard name != "content-type" else {
                throw header.error("Name", .contradiction("the type is the body's own"))
            }
            refusal.headers[name] = try header.required("Value")
            try header.end()
        }
        if let key = try custom.string("CustomResponseBodyKey") {
            guard let body = bodies[key] else {
                throw custom.error("CustomResponseBodyKey", .noSuch("body \(key)"))
            }
            (refusal.contentType, refusal.body) = body
        }
        try custom.end()
        return refusal
    }
}

// What a rule is narrowed to.
extension EdgeReader {
    private func match(_ given: Fields) throws(TemplateError) -> RequestMatch {
        var fields = given
        let match: RequestMatch
        if var all = try fields.fields("AndStatement") {
            match = .all(try matches(&all))
        } else if var any = try fields.fields("OrStatement") {
            match = .any(try matches(&any))
        } else if var not = try fields.fields("NotStatement"), let inner = try not.fields("Statement") {
            match = .not(try self.match(inner))
            try not.end()
        } else if var bytes = try fields.fields("ByteMatchStatement") {
            match = try byteMatch(&bytes)
        } else if var regex = try fields.fields("RegexMatchStatement") {
            let part = try part(&regex)
            let pattern = try regex.required("RegexString")
            guard (try? Regex(pattern)) != nil else {
                throw regex.error("RegexString", .expected("a regular expression"))
            }
            match = .part(part, .pattern(pattern))
            try regex.end()
        } else {
            throw fields.error(nil, .notSupported("this statement"))
        }
        try fields.end()
        return match
    }

    private func matches(_ fields: inout Fields) throws(TemplateError) -> [RequestMatch] {
        var matches: [RequestMatch] = []
        for inner in try fields.list("Statements") ?? [] { matches.append(try match(inner)) }
        try fields.end()
        return matches
    }

    private func byteMatch(_ fields: inout Fields) throws(TemplateError) -> RequestMatch {
        let part = try part(&fields)
        let wanted = try fields.required("SearchString")
        let test: RequestMatch.Test =
            switch try fields.required("PositionalConstraint") {
            case "EXACTLY": .equals(wanted)
            case "STARTS_WITH": .hasPrefix(wanted)
            case "ENDS_WITH": .hasSuffix(wanted)
            case "CONTAINS": .contains(wanted)
            default: throw fields.error("PositionalConstraint", .notSupported("this constraint"))
            }
        try fields.end()
        return .part(part, test)
    }

    private func part(_ fields: inout Fields) throws(TemplateError) -> RequestMatch.Part {
        for var transformation in try fields.list("TextTransformations") ?? [] {
            guard try transformation.required("Type") == "NONE" else {
                throw transformation.error(
                    "Type", .notSupported("texts that are changed before they are looked at"))
            }
        }
        guard var part = try fields.fields("FieldToMatch") else {
            throw fields.error(nil, .missing("FieldToMatch"))
        }
        // `{}` reads as a map without entries.
        let isMethod = part.node("Method") != nil
        let isPath = part.node("UriPath") != nil
        try part.end()
        guard isMethod != isPath else { throw fields.error("FieldToMatch", .expected("Method or UriPath")) }
        return isMethod ? .method : .path
    }
}
