import Foundation

extension TemplateReader {
    func queue(_ resource: Resolution.Resource, _ given: Fields) throws(TemplateError) -> Queue {
        var fields = given
        let name = try resolution.name(of: resource)
        fields.ignore(
            "QueueName", "SqsManagedSseEnabled", "KmsMasterKeyId", "KmsDataKeyReusePeriodSeconds", "Tags",
            "RedriveAllowPolicy", "DeduplicationScope", "FifoThroughputLimit")
        var queue = Queue(
            logicalID: resource.logicalID, name: name, arn: resolution.queueARN(name),
            url: resolution.queueURL(name))
        queue.isFIFO = try fields.bool("FifoQueue") ?? false
        guard queue.isFIFO == name.hasSuffix(".fifo") else {
            throw fields.error(
                "FifoQueue", .contradiction("names of FIFO queues, and only they, end in .fifo"))
        }
        queue.deduplicatesByContent = try fields.bool("ContentBasedDeduplication") ?? false
        queue.visibilityTimeoutSeconds = try fields.integer("VisibilityTimeout", in: 0...43_200) ?? 30
        queue.retentionSeconds = try fields.integer("MessageRetentionPeriod", in: 60...1_209_600) ?? 345_600
        queue.delaySeconds = try fields.integer("DelaySeconds", in: 0...900) ?? 0
        queue.receiveWaitSeconds = try fields.integer("ReceiveMessageWaitTimeSeconds", in: 0...20) ?? 0
        queue.maximumMessageBytes =
            try fields.integer("MaximumMessageSize", in: 1_024...1_048_576) ?? 1_048_576
        if var redrive = try fields.fields("RedrivePolicy") {
            queue.redrive = Queue.Redrive(
                deadLetterARN: try redrive.required("deadLetterTargetArn"),
                maximumReceives: try redrive.integer("maxReceiveCount", in: 1...1_000) ?? 10)
            try redrive.end()
        }
        try fields.end()
        return queue
    }
}
