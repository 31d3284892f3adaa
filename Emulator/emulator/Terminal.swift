import Foundation
import Logging
import Synchronization

/// What a person at the terminal reads: the steps of the start, the addresses, then a line for each event.
struct Terminal: Sendable {
    private let began = ContinuousClock.now

    func say(_ line: String) {
        print(line)
        fflush(nil)
    }

    func step(_ name: String, _ text: String) {
        say("  \(Self.padded(name, 11)) \(Self.padded(text, 44)) \(elapsed)")
    }

    var elapsed: String {
        let tenths = Int((ContinuousClock.now - began) / .milliseconds(100))
        return "\(tenths / 10).\(tenths % 10) s"
    }

    static func complain(_ line: String) {
        Self.write("emulator: \(line)\n")
    }

    /// A line that nobody can be told, for the disk is full or the reader gone, is no reason to end the shop.
    static func write(_ text: String) {
        try? FileHandle.standardError.write(contentsOf: Data(text.utf8))
    }

    static func padded(_ text: String, _ width: Int) -> String {
        text + String(repeating: " ", count: max(0, width - text.count))
    }
}

/// One line for each message: the time, who, what, and its values.
struct TerminalLog: LogHandler {
    var metadata: Logger.Metadata = [:]
    var logLevel: Logger.Level
    let label: String

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    func log(event: LogEvent) {
        // A server's word for having been told to stop, which it takes for an error.
        if event.message.description.hasSuffix("CancellationError()") { return }
        let values = metadata.merging(event.metadata ?? [:]) { $1 }
        let fields = values.sorted { $0.key < $1.key }.map { " \($0.key)=\($0.value)" }.joined()
        let level = event.level >= .warning ? " \(event.level.rawValue.uppercased())" : ""
        let time = Date().formatted(.iso8601.time(includingFractionalSeconds: true))
        Terminal.write("\(time) \(label)\(level) \(event.message)\(fields)\n")
    }
}
