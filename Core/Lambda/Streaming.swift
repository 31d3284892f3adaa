extension RuntimeAPI {
    /// Sends an answer while it is made (`Transfer-Encoding: chunked`), its head together with its first
    /// bytes.
    ///
    /// An error before the first byte is answered as a problem, because no status is told yet; a later one
    /// ends the stream with trailers, and the platform still counts the event as answered. The connection is
    /// closed afterwards.
    /// https://docs.aws.amazon.com/lambda/latest/dg/runtimes-custom.html#runtimes-custom-response-streaming
    func stream(_ response: StreamedResponse, to event: RuntimeEvent) -> Delivery {
        var opening = streamHead(for: event, type: StreamedResponse.mediaType) + chunk(response.prelude)
        func send(_ bytes: [UInt8]) throws(ConnectionFailure) {
            try connection.open()
            guard connection.send(opening + bytes) else { throw .closed }
            opening = []
        }
        defer { connection.close() }
        do {
            try response.write(BodyStream { bytes in try send(chunk(bytes)) })
            try send([UInt8]("0\r\n\r\n".utf8))
        } catch is ConnectionFailure {
            // Whoever should hear it hung up, or the platform refused: its answer, if there is one, tells
            // which.
        } catch {
            guard opening.isEmpty else { return stream(StreamedResponse(response.refusal(error)), to: event) }
            logFailure("the stream broke off", error)
            try? send([UInt8]("0\r\n".utf8) + FailureReport(error).trailers + "\r\n".utf8)
        }
        guard let answer = try? connection.answer() else { return .lost }
        return Delivery(of: answer)
    }
}

/// One chunk (RFC 9112, section 7.1). It is never empty, for that would end the body.
private func chunk(_ bytes: [UInt8]) -> [UInt8] {
    [UInt8]("\(String(bytes.count, radix: 16))\r\n".utf8) + bytes + "\r\n".utf8
}
