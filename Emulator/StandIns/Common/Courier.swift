import Groundwork
import HTTP
import Logging

/// Delivers what is told by webhook: at least once, again and again until it is answered by 2xx or given up.
struct Courier: Sendable {
    struct Parcel: Sendable {
        var url: String
        var headers: [(String, String)]
        var body: [UInt8]
        /// How often it was tried before.
        var attempts: Int
    }

    /// The pause after each refused try. After the last the message is given up.
    var pauses: [Duration]
    var logger: Logger
    /// As it is sent now, for each try is signed anew. Nil where it was delivered or given up, or there is nobody to
    /// tell.
    var parcel: @Sendable (_ id: String) async -> Parcel?
    var delivered: @Sendable (_ id: String) async throws -> Void
    var notDelivered: @Sendable (_ id: String, _ attempts: Int, _ isAbandoned: Bool) async throws -> Void

    /// Doubling from 1 s to 5 min, for a day.
    static let usualPauses: [Duration] =
        (0..<9).map { .seconds(1 << $0) } + Array(repeating: .seconds(300), count: 288)

    /// Until the task is cancelled. One message does not wait for another.
    func deliver(_ ids: AsyncStream<String>) async throws {
        await withDiscardingTaskGroup { group in
            for await id in ids {
                group.addTask { await deliver(id) }
            }
        }
    }

    private func deliver(_ id: String) async {
        while !Task.isCancelled, let parcel = await parcel(id) {
            do {
                let failure = await attempt(parcel)
                guard let failure else { return try await delivered(id) }
                guard !Task.isCancelled else { return }
                let isAbandoned = parcel.attempts >= pauses.count
                logger.notice(
                    "webhook not delivered",
                    metadata: [
                        "event": "\(id)", "attempt": "\(parcel.attempts + 1)", "reason": "\(failure)",
                        "abandoned": "\(isAbandoned)",
                    ])
                try await notDelivered(id, parcel.attempts + 1, isAbandoned)
                guard !isAbandoned else { return }
                try await Task.sleep(for: pauses[parcel.attempts])
            } catch is CancellationError {
                return
            } catch {
                logger.error("webhook state cannot be written", metadata: ["reason": "\(error)"])
                return
            }
        }
    }

    /// Nil when it was taken, else why not.
    private func attempt(_ parcel: Parcel) async -> String? {
        let request = Request(
            "POST", parcel.url, headers: parcel.headers.map(Header.init), body: parcel.body,
            timeoutMilliseconds: 30_000, repeatable: false)
        do {
            let status = try await Outbound.send(request).status
            return (200..<300).contains(status) ? nil : "HTTP \(status)"
        } catch {
            return (error as? Failure)?.reason ?? "\(error)"
        }
    }
}
