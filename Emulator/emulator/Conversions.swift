import Platform
import Queue
import Storage
import Template

/// Between the template's words, the platform's, and those of storage and queues, which know of neither.
extension StorageChange {
    init(_ notification: StorageNotification) {
        self.init(
            bucket: notification.bucket, key: notification.key, eventName: notification.eventName,
            bytes: notification.bytes, etag: notification.etag, sequencer: notification.sequencer,
            time: notification.time)
    }
}

extension BucketDescription {
    /// Told is what some trigger of the template listens to.
    init(_ bucket: Bucket, of template: Template) {
        let functions = template.functions.flatMap { function in
            function.storageTriggers.map { (trigger: $0, arn: function.arn as String?) }
        }
        let queues = bucket.queueNotifications.map { (trigger: $0.trigger, arn: nil as String?) }
        let rules = (functions + queues).filter { $0.trigger.bucket == bucket.name }.flatMap { told in
            told.trigger.events.map { event in
                NotificationRule(
                    event: event, prefix: told.trigger.prefix, suffix: told.trigger.suffix,
                    functionARN: told.arn)
            }
        }
        self.init(
            name: bucket.name,
            cors: bucket.cors.map { rule in
                CORSRule(
                    allowedOrigins: rule.allowedOrigins, allowedMethods: rule.allowedMethods,
                    allowedHeaders: rule.allowedHeaders, exposedHeaders: rule.exposedHeaders,
                    maximumAgeSeconds: rule.maxAgeSeconds)
            }, notifications: rules)
    }
}

extension QueueSettings {
    init(_ queue: DeclaredQueue) {
        self.init(
            visibilityTimeoutSeconds: queue.visibilityTimeoutSeconds, delaySeconds: queue.delaySeconds,
            retentionSeconds: queue.retentionSeconds, receiveWaitSeconds: queue.receiveWaitSeconds,
            maximumBytes: queue.maximumMessageBytes,
            redrive: queue.redrive.map { redrive in
                Redrive(
                    deadLetterQueue: String(redrive.deadLetterARN.split(separator: ":").last ?? ""),
                    maximumReceiveCount: redrive.maximumReceives)
            })
    }
}
