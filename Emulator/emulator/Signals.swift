import Dispatch
import Foundation

/// What a terminal, a service manager or a closed window sends to end the emulator.
enum Signals {
    static func stops() -> AsyncStream<Int32> {
        // A peer that hangs up while it is written to is an error of that write, not the end of everything.
        signal(SIGPIPE, SIG_IGN)
        return AsyncStream { continuation in
            let sources = [SIGINT, SIGTERM, SIGHUP].map { number in
                signal(number, SIG_IGN)
                let source = DispatchSource.makeSignalSource(signal: number, queue: .global())
                source.setEventHandler { continuation.yield(number) }
                source.resume()
                return source
            }
            nonisolated(unsafe) let kept = sources
            continuation.onTermination = { _ in kept.forEach { $0.cancel() } }
        }
    }
}
