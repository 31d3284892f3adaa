import Dispatch

/// Runs an actor that waits for the disk on a queue of its own: the threads that all tasks share must not
/// wait.
public final class SerialThread: SerialExecutor {
    private let queue: DispatchQueue

    public init(_ label: String) { queue = DispatchQueue(label: label) }

    public func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        queue.async { job.runSynchronously(on: self.asUnownedSerialExecutor()) }
    }
}
