internal import Glibc
internal import Synchronization

/// The wish of the platform that this process end. What is being handled is finished first; a wait for the
/// next event is cut short by closing the socket under it, which works from a signal handler and from any
/// thread.
final class Shutdown: Sendable {
    /// The one that SIGTERM asks for.
    static let onSignal = Shutdown()

    private let requested = Atomic(false)
    private let waitedOn = Atomic<Int32>(-1)

    var isRequested: Bool { requested.load(ordering: .sequentiallyConsistent) }

    func request() {
        requested.store(true, ordering: .sequentiallyConsistent)
        let descriptor = waitedOn.load(ordering: .sequentiallyConsistent)
        if descriptor >= 0 { shutdown(descriptor, Int32(SHUT_RDWR)) }
    }

    /// Tells on which socket an event is being waited for; -1 for none. A wish that came just before is
    /// granted at once.
    func wait(on descriptor: Int32) {
        waitedOn.store(descriptor, ordering: .sequentiallyConsistent)
        if descriptor >= 0 && isRequested { request() }
    }

    /// Hears SIGTERM from now on. Calls that it interrupts go on (SA_RESTART).
    func listen() {
        var action = sigaction()
        action.__sigaction_handler.sa_handler = { _ in
            let saved = errno
            Shutdown.onSignal.request()
            errno = saved
        }
        action.sa_flags = SA_RESTART
        sigaction(SIGTERM, &action, nil)
    }
}
