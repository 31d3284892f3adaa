/// What `Ref` and `GetAtt` give for a resource: the names, ARNs and addresses of the emulator.
extension Resolution {
    static let implicitAPI = "ServerlessHttpApi"

    var apiIDs: [String] {
        let named = resources.values.filter { $0.type == "AWS::Serverless::HttpApi" }.map(\.logicalID)
        return (named + [Self.implicitAPI]).map { $0.lowercased() }
    }

    func physicalID(of logicalID: String, line: Int, at path: String) throws(TemplateError) -> String {
        if logicalID == Self.implicitAPI { return logicalID.lowercased() }
        guard let resource = resources[logicalID], try exists(resource) else {
            throw TemplateError(
                line: line, path: path, reason: .noSuch("parameter or resource \(logicalID)"))
        }
        switch resource.type {
        case "AWS::SQS::Queue": return queueURL(try name(of: resource))
        case "AWS::Serverless::HttpApi": return logicalID.lowercased()
        case "AWS::IAM::ManagedPolicy":
            return try attribute("PolicyArn", of: logicalID, line: line, at: path)
        case "AWS::Serverless::LayerVersion":
            return "arn:aws:lambda:\(place.region):\(place.account):layer:\(try name(of: resource)):1"
        default: return try name(of: resource)
        }
    }

    func attribute(
        _ attribute: String, of logicalID: String, line: Int, at path: String
    ) throws(TemplateError) -> String {
        if logicalID == Self.implicitAPI, attribute == "ApiEndpoint" { return place.gatewayOrigin }
        guard let resource = resources[logicalID], try exists(resource) else {
            return try generated(attribute, of: logicalID, line: line, at: path)
        }
        let name = try name(of: resource)
        let scope = "\(place.region):\(place.account)"
        switch (resource.type, attribute) {
        case ("AWS::Serverless::Function", "Arn"): return functionARN(name)
        case ("AWS::S3::Bucket", "Arn"): return "arn:aws:s3:::\(name)"
        case ("AWS::S3::Bucket", "DomainName"): return "\(name).s3.amazonaws.com"
        case ("AWS::S3::Bucket", "RegionalDomainName"): return "\(name).s3.\(place.region).amazonaws.com"
        case ("AWS::SQS::Queue", "Arn"): return queueARN(name)
        case ("AWS::SQS::Queue", "QueueName"): return name
        case ("AWS::SQS::Queue", "QueueUrl"): return queueURL(name)
        case ("AWS::Events::EventBus", "Name"): return name
        case ("AWS::Events::EventBus", "Arn"): return "arn:aws:events:\(scope):event-bus/\(name)"
        case ("AWS::Serverless::HttpApi", "ApiEndpoint"): return place.gatewayOrigin
        case ("AWS::IAM::Role", "Arn"): return "arn:aws:iam::\(place.account):role/\(name)"
        case ("AWS::IAM::ManagedPolicy", "PolicyArn"):
            return "arn:aws:iam::\(place.account):policy/\(name)"
        case ("AWS::Logs::LogGroup", "Arn"): return "arn:aws:logs:\(scope):log-group:\(name):*"
        case ("AWS::CloudWatch::Alarm", "Arn"): return "arn:aws:cloudwatch:\(scope):alarm:\(name)"
        default:
            throw TemplateError(
                line: line, path: path, reason: .notSupported("\(attribute) of \(resource.type)"))
        }
    }

    /// SAM makes a role for each function, named after it.
    private func generated(
        _ attribute: String, of logicalID: String, line: Int, at path: String
    ) throws(TemplateError) -> String {
        let function = String(logicalID.dropLast("Role".count))
        guard logicalID.hasSuffix("Role"), attribute == "Arn",
            resources[function]?.type == "AWS::Serverless::Function"
        else {
            throw TemplateError(line: line, path: path, reason: .noSuch("resource \(logicalID)"))
        }
        return "arn:aws:iam::\(place.account):role/\(place.stackName)-\(logicalID)"
    }

    /// As the template names it, else made from the logical id.
    func name(of resource: Resource) throws(TemplateError) -> String {
        let (property, fallback) = Self.naming(resource, in: place)
        let path = "Resources.\(resource.logicalID).Properties.\(property)"
        guard let node = resource.properties?[property] else { return fallback }
        let value = try once("name of \(resource.logicalID)", line: node.line, at: path) {
            () throws(TemplateError) in try evaluate(node, at: path)
        }
        guard let value else { return fallback }
        guard let text = value.text, !text.isEmpty else { throw error(node, path, .expected("a name")) }
        return text
    }

    private static func naming(_ resource: Resource, in place: Place) -> (String, fallback: String) {
        let generated = "\(place.stackName)-\(resource.logicalID)"
        return switch resource.type {
        case "AWS::Serverless::Function": ("FunctionName", resource.logicalID)
        case "AWS::S3::Bucket": ("BucketName", generated.lowercased())
        case "AWS::SQS::Queue": ("QueueName", resource.logicalID)
        case "AWS::Serverless::HttpApi": ("Name", place.stackName)
        case "AWS::IAM::Role": ("RoleName", generated)
        case "AWS::IAM::ManagedPolicy": ("ManagedPolicyName", generated)
        case "AWS::Logs::LogGroup": ("LogGroupName", generated)
        case "AWS::CloudWatch::Alarm": ("AlarmName", generated)
        case "AWS::Serverless::LayerVersion": ("LayerName", resource.logicalID)
        default: ("Name", generated)
        }
    }

    func functionARN(_ name: String) -> String {
        "arn:aws:lambda:\(place.region):\(place.account):function:\(name)"
    }

    func queueARN(_ name: String) -> String {
        "arn:aws:sqs:\(place.region):\(place.account):\(name)"
    }

    func queueURL(_ name: String) -> String {
        "\(place.queueOrigin)/\(place.account)/\(name)"
    }
}
