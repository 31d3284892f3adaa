extension TemplateReader {
    func bucket(
        _ resource: Resolution.Resource, _ given: Fields, into template: inout Template
    ) throws(TemplateError) {
        var fields = given
        let name = try resolution.name(of: resource)
        fields.ignore(
            "BucketName", "BucketEncryption", "PublicAccessBlockConfiguration", "OwnershipControls", "Tags",
            "AccessControl", "LoggingConfiguration")
        var bucket = Bucket(logicalID: resource.logicalID, name: name, arn: "arn:aws:s3:::\(name)")
        if var versioning = try fields.fields("VersioningConfiguration") {
            bucket.isVersioned = try versioning.string("Status") == "Enabled"
            try versioning.end()
        }
        if var cors = try fields.fields("CorsConfiguration") {
            for var rule in try cors.list("CorsRules") ?? [] {
                bucket.cors.append(try corsRule(&rule))
            }
            try cors.end()
        }
        if var lifecycle = try fields.fields("LifecycleConfiguration") {
            lifecycle.ignore("TransitionDefaultMinimumObjectSize")
            for var rule in try lifecycle.list("Rules") ?? [] {
                bucket.lifecycle.append(try lifecycleRule(&rule))
            }
            try lifecycle.end()
        }
        if var notification = try fields.fields("NotificationConfiguration") {
            try notifications(&notification, of: &bucket, to: &template.functions)
            try notification.end()
        }
        try fields.end()
        template.buckets.append(bucket)
    }

    private func corsRule(_ rule: inout Fields) throws(TemplateError) -> Bucket.CORSRule {
        rule.ignore("Id")
        let result = Bucket.CORSRule(
            allowedOrigins: try rule.strings("AllowedOrigins") ?? [],
            allowedMethods: try rule.strings("AllowedMethods") ?? [],
            allowedHeaders: try rule.strings("AllowedHeaders") ?? [],
            exposedHeaders: try rule.strings("ExposedHeaders") ?? [],
            maxAgeSeconds: try rule.integer("MaxAge"))
        try rule.end()
        return result
    }

    private func lifecycleRule(_ rule: inout Fields) throws(TemplateError) -> Bucket.LifecycleRule {
        rule.ignore("Id", "Transitions", "NoncurrentVersionExpiration", "NoncurrentVersionTransitions")
        var result = Bucket.LifecycleRule(prefix: try rule.string("Prefix") ?? "")
        result.isEnabled = try rule.required("Status") == "Enabled"
        result.expirationDays = try rule.integer("ExpirationInDays", in: 1...Int.max)
        if var abort = try rule.fields("AbortIncompleteMultipartUpload") {
            result.abortIncompleteUploadDays = try abort.integer("DaysAfterInitiation", in: 1...Int.max)
            try abort.end()
        }
        try rule.end()
        return result
    }

    private func notifications(
        _ fields: inout Fields, of bucket: inout Bucket, to functions: inout [Function]
    ) throws(TemplateError) {
        for var line in try fields.list("QueueConfigurations") ?? [] {
            let trigger = try trigger(&line, of: bucket)
            let arn = try line.required("Queue")
            try line.end()
            bucket.queueNotifications.append(Bucket.QueueNotification(queueARN: arn, trigger: trigger))
        }
        for var line in try fields.list("LambdaConfigurations") ?? [] {
            let trigger = try trigger(&line, of: bucket)
            let arn = try line.required("Function")
            guard let target = functions.firstIndex(where: { $0.arn == arn }) else {
                throw line.error("Function", .noSuch("function \(arn) in this template"))
            }
            try line.end()
            functions[target].storageTriggers.append(trigger)
        }
    }

    private func trigger(_ line: inout Fields, of bucket: Bucket) throws(TemplateError) -> StorageTrigger {
        let event = try line.required("Event")
        guard event.hasPrefix("s3:") else { throw line.error("Event", .notSupported("the event \(event)")) }
        let (prefix, suffix) = try filter(&line)
        return StorageTrigger(
            name: bucket.logicalID, bucket: bucket.name, events: [event], prefix: prefix, suffix: suffix)
    }
}
