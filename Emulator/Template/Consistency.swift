/// What can only be told once every resource was read: that names lead somewhere, and are taken once.
extension TemplateReader {
    func check(_ template: inout Template) throws(TemplateError) {
        try checkRoutes(&template)
        let queues = Set(template.queues.map(\.arn))
        let buckets = Set(template.buckets.map(\.name))
        for function in template.functions {
            for trigger in function.queueTriggers where !queues.contains(trigger.queueARN) {
                throw error(
                    function.logicalID, "Events.\(trigger.name).Properties.Queue",
                    .noSuch("queue \(trigger.queueARN) in this template"))
            }
            for trigger in function.storageTriggers where !buckets.contains(trigger.bucket) {
                throw error(
                    function.logicalID, "Events.\(trigger.name).Properties.Bucket",
                    .noSuch("bucket \(trigger.bucket) in this template"))
            }
            for trigger in function.busTriggers {
                let properties = "Events.\(trigger.name).Properties"
                guard trigger.bus == "default" || template.buses.contains(where: { $0.name == trigger.bus })
                else {
                    throw error(
                        function.logicalID, "\(properties).EventBusName",
                        .noSuch("bus \(trigger.bus) in this template"))
                }
                guard let letters = trigger.deadLetterTarget, !queues.contains(letters) else { continue }
                throw error(
                    function.logicalID, "\(properties).DeadLetterConfig.Arn",
                    .noSuch("queue \(letters) in this template"))
            }
            if let letters = function.asynchronous.deadLetterTarget, !queues.contains(letters) {
                throw error(
                    function.logicalID, "DeadLetterQueue.TargetArn",
                    .noSuch("queue \(letters) in this template"))
            }
        }
        for queue in template.queues {
            guard let target = queue.redrive?.deadLetterARN, !queues.contains(target) else { continue }
            throw error(
                queue.logicalID, "RedrivePolicy.deadLetterTargetArn",
                .noSuch("queue \(target) in this template"))
        }
        for bucket in template.buckets {
            for notification in bucket.queueNotifications where !queues.contains(notification.queueARN) {
                throw error(
                    bucket.logicalID, "NotificationConfiguration.QueueConfigurations",
                    .noSuch("queue \(notification.queueARN) in this template"))
            }
        }
        try checkNames(template.functions.map { ($0.logicalID, $0.name) }, of: "function")
        try checkNames(template.queues.map { ($0.logicalID, $0.name) }, of: "queue")
        try checkNames(template.buses.map { ($0.logicalID, $0.name) }, of: "bus")
        let rules = template.functions.flatMap { function in
            function.busTriggers.map { (function.logicalID, "\($0.bus)/\($0.ruleName)") }
        }
        try checkNames(rules, of: "rule")
        try checkNames(template.buckets.map { ($0.logicalID, $0.name) }, of: "bucket")
    }

    private func checkRoutes(_ template: inout Template) throws(TemplateError) {
        var taken: Set<String> = []
        for function in template.functions {
            for route in function.routes where !taken.insert("\(route.api) \(route.key)").inserted {
                throw error(
                    function.logicalID, "Events.\(route.name)",
                    .contradiction("another event has the route \(route.key)"))
            }
        }
        let used = template.functions.contains { function in
            function.routes.contains { $0.api == Resolution.implicitAPI }
        }
        if !used { template.apis.removeAll { $0.logicalID == Resolution.implicitAPI } }
    }

    private func checkNames(
        _ names: [(id: String, name: String)], of kind: String
    ) throws(TemplateError) {
        var seen: Set<String> = []
        for (id, name) in names where !seen.insert(name).inserted {
            throw TemplateError(
                line: resolution.resources[id]?.line ?? 0, path: "Resources.\(id)",
                reason: .contradiction("another \(kind) is named \(name)"))
        }
    }

    private func error(
        _ resource: String, _ property: String, _ reason: TemplateError.Reason
    ) -> TemplateError {
        TemplateError(
            line: resolution.resources[resource]?.line ?? 0,
            path: "Resources.\(resource).Properties.\(property)", reason: reason)
    }
}
