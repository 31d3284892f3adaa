import Foundation

extension TemplateReader {
    /// Set by the platform: a template that sets them cannot be deployed.
    private static let reserved: Set<String> = [
        "_HANDLER", "_X_AMZN_TRACE_ID", "AWS_DEFAULT_REGION", "AWS_REGION", "AWS_EXECUTION_ENV",
        "AWS_LAMBDA_FUNCTION_NAME", "AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "AWS_LAMBDA_FUNCTION_VERSION",
        "AWS_LAMBDA_INITIALIZATION_TYPE", "AWS_LAMBDA_LOG_GROUP_NAME", "AWS_LAMBDA_LOG_STREAM_NAME",
        "AWS_ACCESS_KEY", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN",
        "AWS_LAMBDA_RUNTIME_API", "LAMBDA_TASK_ROOT", "LAMBDA_RUNTIME_DIR",
    ]

    func function(
        _ resource: Resolution.Resource, _ given: Fields, into template: inout Template
    ) throws(TemplateError) {
        var fields = given
        let name = try resolution.name(of: resource)
        var function = Function(
            logicalID: resource.logicalID, name: name, arn: resolution.functionARN(name))
        fields.ignore(
            "FunctionName", "Description", "Tags", "Tracing", "Architectures", "Layers", "Role",
            "PermissionsBoundary", "RolePath", "AssumeRolePolicyDocument", "VpcConfig", "KmsKeyArn",
            "EphemeralStorage", "SnapStart", "AutoPublishAlias", "DeploymentPreference",
            "ProvisionedConcurrencyConfig", "ImageConfig", "PropagateTags", "VersionDescription",
            "RuntimeManagementConfig", "RecursiveLoop")
        if try fields.string("PackageType") == "Image" {
            fields.ignore("ImageUri")
            function.handler = try fields.string("Handler") ?? resource.logicalID
            function.runtime = "image"
            fields.ignore("Runtime", "CodeUri")
        } else {
            function.handler = try fields.required("Handler")
            function.runtime = try fields.required("Runtime")
            function.codeURI = try fields.string("CodeUri")
        }
        function.memoryMegabytes = try fields.integer("MemorySize", in: 128...10_240) ?? 128
        function.timeoutSeconds = try fields.integer("Timeout", in: 1...900) ?? 3
        function.concurrencyLimit = try fields.integer("ReservedConcurrentExecutions")
        function.environment = try environment(&fields)
        function.policies = fields.node("Policies")?.value ?? .null
        if var logging = try fields.fields("LoggingConfig") {
            logging.ignore("ApplicationLogLevel", "SystemLogLevel", "LogGroup")
            let format = try logging.string("LogFormat") ?? "Text"
            guard let known = Function.LogFormat(rawValue: format) else {
                throw logging.error("LogFormat", .expected("Text or JSON"))
            }
            function.logFormat = known
            try logging.end()
        }
        function.asynchronous = try asynchronous(&fields)
        for event in try fields.named("Events") ?? [] {
            try read(event.name, event.fields, into: &function, of: &template)
        }
        try fields.end()
        template.functions.append(function)
    }

    private func environment(_ fields: inout Fields) throws(TemplateError) -> [String: String] {
        guard var section = try fields.fields("Environment") else { return [:] }
        let node = section.node("Variables")
        try section.end()
        let path = "\(section.path).Variables"
        var variables: [String: String] = [:]
        for entry in try Fields.entries(of: node, at: path) {
            guard !Self.reserved.contains(entry.key) else {
                let reason = TemplateError.Reason.contradiction("the platform sets this variable itself")
                throw TemplateError(line: entry.line, path: "\(path).\(entry.key)", reason: reason)
            }
            guard let text = entry.value.text else {
                throw TemplateError(
                    line: entry.line, path: "\(path).\(entry.key)", reason: .expected("a text"))
            }
            variables[entry.key] = text
        }
        return variables
    }

    private func asynchronous(_ fields: inout Fields) throws(TemplateError) -> AsynchronousInvocation {
        var result = AsynchronousInvocation()
        if var letters = try fields.fields("DeadLetterQueue") {
            guard try letters.required("Type") == "SQS" else {
                throw letters.error("Type", .notSupported("dead letters to anything but SQS"))
            }
            result.deadLetterTarget = try letters.required("TargetArn")
            try letters.end()
        }
        guard var configuration = try fields.fields("EventInvokeConfig") else { return result }
        result.maximumRetries = try configuration.integer("MaximumRetryAttempts", in: 0...2) ?? 2
        result.maximumAgeSeconds =
            try configuration.integer("MaximumEventAgeInSeconds", in: 60...21_600) ?? 21_600
        if var destinations = try configuration.fields("DestinationConfig") {
            result.onFailure = try destination("OnFailure", &destinations)
            result.onSuccess = try destination("OnSuccess", &destinations)
            try destinations.end()
        }
        try configuration.end()
        return result
    }

    private func destination(_ name: String, _ fields: inout Fields) throws(TemplateError) -> String? {
        guard var section = try fields.fields(name) else { return nil }
        if let type = try section.string("Type"), type != "SQS", type != "Lambda" {
            throw section.error("Type", .notSupported("destinations of type \(type)"))
        }
        let target = try section.required("Destination")
        try section.end()
        return target
    }
}
