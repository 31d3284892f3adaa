/// A stretch of a recording in milliseconds, without its end: a moment on a border belongs to what
/// begins there.
public struct Span: Hashable, Codable, Sendable {
    public let startMilliseconds: Int
    public let endMilliseconds: Int

    public init(startMilliseconds: Int, endMilliseconds: Int) {
        precondition(startMilliseconds <= endMilliseconds, "a span does not run backwards")
        (self.startMilliseconds, self.endMilliseconds) = (startMilliseconds, endMilliseconds)
    }

    public var durationMilliseconds: Int { endMilliseconds - startMilliseconds }
    public func moved(byMilliseconds offset: Int) -> Span {
        Span(startMilliseconds: startMilliseconds + offset, endMilliseconds: endMilliseconds + offset)
    }
    public func contains(_ milliseconds: Int) -> Bool {
        startMilliseconds <= milliseconds && milliseconds < endMilliseconds
    }
}
