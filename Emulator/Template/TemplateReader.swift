public import Foundation

extension Template {
    /// Reads a SAM template, as `sam deploy` would with these parameters, into what the emulator runs.
    /// `parameters` replace defaults; what the reader does not understand is an error, never skipped.
    public static func read(
        _ yaml: String, parameters: [String: String] = [:], in place: Place = Place()
    ) throws(TemplateError) -> Template {
        try TemplateReader(yaml, parameters: parameters, place: place).template()
    }

    public static func read(
        contentsOf file: URL, parameters: [String: String] = [:], in place: Place = Place()
    ) throws(TemplateError) -> Template {
        let yaml: String
        do {
            yaml = try String(contentsOf: file, encoding: .utf8)
        } catch {
            throw TemplateError(line: 0, path: file.path, reason: .noSuch("file that can be read as UTF-8"))
        }
        return try read(yaml, parameters: parameters, in: place)
    }
}

struct TemplateReader {
    let resolution: Resolution
    private let order: [Resolution.Resource]
    private let outputs: Node?
    private let globals: Globals

    /// Understood to change nothing on one machine; anything else that is not built here is refused.
    private static let tolerated: Set<String> = [
        "AWS::IAM::Role", "AWS::IAM::Policy", "AWS::IAM::ManagedPolicy", "AWS::Logs::LogGroup",
        "AWS::Logs::MetricFilter", "AWS::CloudWatch::Alarm", "AWS::CloudWatch::Dashboard",
        "AWS::Lambda::Permission", "AWS::S3::BucketPolicy", "AWS::SQS::QueuePolicy",
        "AWS::Events::EventBusPolicy",
        // What a layer holds is what is installed on this machine.
        "AWS::Serverless::LayerVersion",
    ]
    /// In the order in which they are read.
    private static let built = [
        "AWS::Serverless::HttpApi", "AWS::Serverless::Function", "AWS::S3::Bucket", "AWS::SQS::Queue",
        "AWS::Events::EventBus",
    ]

    init(_ yaml: String, parameters: [String: String], place: Place) throws(TemplateError) {
        let root = try Node.parse(yaml)
        var sections = try Fields(root, at: "")
        sections.ignore("AWSTemplateFormatVersion", "Description", "Metadata", "Rules")
        let transform = sections.node("Transform")
        guard transform?.text == "AWS::Serverless-2016-10-31" else {
            let reason = TemplateError.Reason.expected("AWS::Serverless-2016-10-31")
            throw TemplateError(line: transform?.line ?? root.line, path: "Transform", reason: reason)
        }
        globals = try Globals(sections.node("Globals"))
        let values = try Parameters.values(sections.node("Parameters"), overrides: parameters)
        let conditions = try Fields.entries(of: sections.node("Conditions"), at: "Conditions")
        let mappings = sections.node("Mappings")
        outputs = sections.node("Outputs")
        order = try Self.resources(sections.node("Resources"), globals)
        try sections.end()
        resolution = Resolution(
            place: place, parameters: values,
            conditions: Dictionary(conditions.map { ($0.key, $0.value) }, uniquingKeysWith: { $1 }),
            mappings: mappings,
            resources: Dictionary(order.map { ($0.logicalID, $0) }, uniquingKeysWith: { $1 }))
    }

    private static func resources(
        _ node: Node?, _ globals: Globals
    ) throws(TemplateError) -> [Resolution.Resource] {
        var resources: [Resolution.Resource] = []
        let entries = try Fields.entries(of: node, at: "Resources")
        let names = Set(entries.map(\.key))
        for entry in entries {
            var fields = try Fields(entry.value, at: "Resources.\(entry.key)", line: entry.line)
            fields.ignore("Metadata", "DeletionPolicy", "UpdateReplacePolicy")
            let type = try fields.required("Type")
            guard tolerated.contains(type) || built.contains(type) else {
                throw fields.error("Type", .notSupported("resources of type \(type)"))
            }
            for name in try fields.strings("DependsOn") ?? [] where !names.contains(name) {
                throw fields.error("DependsOn", .noSuch("resource \(name)"))
            }
            resources.append(
                Resolution.Resource(
                    logicalID: entry.key, type: type, line: entry.line,
                    properties: globals.merged(into: fields.node("Properties"), of: type),
                    condition: try fields.string("Condition")))
            try fields.end()
        }
        return resources
    }

    func template() throws(TemplateError) -> Template {
        var template = Template()
        // APIs first, for routes name their authorizers; buckets after the functions they notify.
        for type in Self.built {
            for resource in order where resource.type == type {
                guard try resolution.exists(resource) else { continue }
                try read(resource, into: &template)
            }
            if type == "AWS::Serverless::HttpApi" { template.apis.append(try implicitAPI()) }
        }
        for resource in order where Self.tolerated.contains(resource.type) {
            guard try resolution.exists(resource) else { continue }
            _ = try fields(of: resource)
            template.tolerated.append(ToleratedResource(logicalID: resource.logicalID, type: resource.type))
        }
        try check(&template)
        template.outputs = try outputTexts()
        return template
    }

    private func read(
        _ resource: Resolution.Resource, into template: inout Template
    ) throws(TemplateError) {
        let fields = try fields(of: resource)
        switch resource.type {
        case "AWS::Serverless::HttpApi": template.apis.append(try api(resource, fields))
        case "AWS::Serverless::Function": try function(resource, fields, into: &template)
        case "AWS::S3::Bucket": try bucket(resource, fields, into: &template)
        case "AWS::Events::EventBus": template.buses.append(try bus(resource, fields))
        default: template.queues.append(try queue(resource, fields))
        }
    }

    private func fields(of resource: Resolution.Resource) throws(TemplateError) -> Fields {
        let path = "Resources.\(resource.logicalID).Properties"
        guard let node = resource.properties else { return try Fields(nil, at: path, line: resource.line) }
        return try Fields(try resolution.evaluate(node, at: path), at: path, line: resource.line)
    }

    /// The one SAM makes for routes that name no API.
    private func implicitAPI() throws(TemplateError) -> HTTPAPI {
        let type = "AWS::Serverless::HttpApi"
        let resource = Resolution.Resource(
            logicalID: Resolution.implicitAPI, type: type, line: 0,
            properties: globals.merged(into: nil, of: type))
        return try api(resource, try fields(of: resource))
    }

    private func outputTexts() throws(TemplateError) -> [String: String] {
        var texts: [String: String] = [:]
        for entry in try Fields.entries(of: outputs, at: "Outputs") {
            let path = "Outputs.\(entry.key)"
            var fields = try Fields(entry.value, at: path)
            fields.ignore("Description", "Export")
            if let condition = try fields.string("Condition"),
                try !resolution.holds(condition, line: entry.line, at: path)
            {
                continue
            }
            guard let value = fields.node("Value") else { throw fields.error(nil, .missing("Value")) }
            guard let text = try resolution.evaluate(value, at: "\(path).Value")?.text else {
                throw fields.error("Value", .expected("a text"))
            }
            texts[entry.key] = text
            try fields.end()
        }
        return texts
    }
}

extension Fields {
    static func entries(of node: Node?, at path: String) throws(TemplateError) -> [Node.Entry] {
        guard let node else { return [] }
        guard let entries = node.entries else {
            throw TemplateError(line: node.line, path: path, reason: .expected("a map"))
        }
        return entries
    }
}
