import Curl
import Foundation
public import HTTP

/// Asks others over HTTP as the functions do: certificates are verified, no redirect is followed, no proxy is asked.
public enum Outbound {
    /// On a thread of its own, for `Client` waits: whoever asks a server that hangs is in nobody's way. Ends with
    /// the request's own time, or at once when the task is cancelled.
    /// - Throws: `Failure`, or `CancellationError`.
    public static func send(_ request: Request, largestBody: Int = 1 << 20) async throws -> Response {
        let answer = FirstAnswer<Result<Response, any Error>>()
        return try await withTaskCancellationHandler {
            Thread.detachNewThread {
                answer.tell(Result { try Client(largestBody: largestBody).send(request) })
            }
            return try await answer.value.get()
        } onCancel: {
            answer.tell(.failure(CancellationError()))
        }
    }
}
