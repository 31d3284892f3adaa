/// One HTTP answer of the platform.
struct RuntimeAnswer: Equatable {
    var status: Int
    var headers = HeaderFields()
    var body: [UInt8] = []
    /// Whether the connection may carry another request.
    var keepsOpen = true
}

/// Why there is no answer.
enum ConnectionFailure: Error, Equatable {
    /// Nobody listens at the address.
    case refused
    /// The connection was closed or reset before the answer was whole.
    case closed
    /// What came is not HTTP, or not such as we can follow.
    case malformed(String)
    /// The body is larger than any event can be; this is what stood before it.
    case tooLarge(RuntimeAnswer)
}
