/// What is to be written, and out of what.
public struct WritingTask: Hashable, Sendable {
    public let instructions: String
    public let text: String
    public let maximumTokens: Int

    public init(instructions: String, text: String, maximumTokens: Int) {
        (self.instructions, self.text, self.maximumTokens) = (instructions, text, maximumTokens)
    }
}

/// What was written, and by which model.
public struct Writing: Hashable, Sendable {
    public let model: String
    public let text: String

    public init(model: String, text: String) { (self.model, self.text) = (model, text) }
}

/// What the shop needs of a language model. Failures are `OutsideFailure`.
public struct Writer {
    public var write: (_ task: WritingTask) throws -> Writing

    public init(write: @escaping (_ task: WritingTask) throws -> Writing) { self.write = write }

    public static var unset: Writer { Writer { _ in throw Unset("Writer.write") } }
}
