/// An `AWS::SQS::Queue`, with SQS's own defaults where the template is silent.
public struct Queue: Hashable, Sendable {
    public var logicalID: String
    public var name: String
    public var arn: String
    public var url: String
    public var isFIFO: Bool
    public var deduplicatesByContent: Bool
    public var visibilityTimeoutSeconds: Int
    public var retentionSeconds: Int
    public var delaySeconds: Int
    public var receiveWaitSeconds: Int
    public var maximumMessageBytes: Int
    public var redrive: Redrive?

    /// Where a message goes that was received too often.
    public struct Redrive: Hashable, Sendable {
        public var deadLetterARN: String
        public var maximumReceives: Int

        public init(deadLetterARN: String, maximumReceives: Int) {
            self.deadLetterARN = deadLetterARN
            self.maximumReceives = maximumReceives
        }
    }

    public init(
        logicalID: String, name: String, arn: String, url: String, isFIFO: Bool = false,
        deduplicatesByContent: Bool = false, visibilityTimeoutSeconds: Int = 30,
        retentionSeconds: Int = 345_600,
        delaySeconds: Int = 0, receiveWaitSeconds: Int = 0, maximumMessageBytes: Int = 1_048_576,
        redrive: Redrive? = nil
    ) {
        self.logicalID = logicalID
        self.name = name
        self.arn = arn
        self.url = url
        self.isFIFO = isFIFO
        self.deduplicatesByContent = deduplicatesByContent
        self.visibilityTimeoutSeconds = visibilityTimeoutSeconds
        self.retentionSeconds = retentionSeconds
        self.delaySeconds = delaySeconds
        self.receiveWaitSeconds = receiveWaitSeconds
        self.maximumMessageBytes = maximumMessageBytes
        self.redrive = redrive
    }
}
