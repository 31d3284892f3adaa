import Foundation
import Groundwork

/// Notifications that nobody acknowledged yet, one file for each.
///
/// A file is `prepared` before its change is made and `pending` after it, so that neither a crash between
/// them nor one between the change and its telling loses an event or invents one.
struct NotificationSpool {
    private let folder: String
    private(set) var pending: [String: StorageNotification] = [:]

    /// `hasHappened` is asked of every change that was prepared when the process ended.
    init(folder: String, hasHappened: (StorageNotification) -> Bool) throws {
        self.folder = folder
        try Durable.makeFolder(folder)
        for name in try Durable.names(in: folder) {
            let path = folder + "/" + name
            guard name.hasSuffix(".pending") || name.hasSuffix(".prepared") else {
                unlink(path)
                continue
            }
            let content = try Data(contentsOf: URL(filePath: path))
            let notification = try JSONDecoder().decode(StorageNotification.self, from: content)
            if name.hasSuffix(".prepared") {
                guard hasHappened(notification) else {
                    unlink(path)
                    continue
                }
                try Durable.move(path, to: self.path(notification.sequencer, "pending"))
            }
            pending[notification.sequencer] = notification
        }
    }

    func prepare(_ notification: StorageNotification) throws(SystemFault) {
        guard let content = try? JSONEncoder().encode(notification) else {
            preconditionFailure("A notification is plain text and numbers.")
        }
        try Durable.write(content, to: path(notification.sequencer, "prepared"))
    }

    /// The change was not made after all.
    func cancel(_ notification: StorageNotification) {
        unlink(path(notification.sequencer, "prepared"))
    }

    /// The change is made. Should the new name not reach the disk, the old one leads to the same answer.
    mutating func commit(_ notification: StorageNotification) {
        rename(path(notification.sequencer, "prepared"), path(notification.sequencer, "pending"))
        pending[notification.sequencer] = notification
    }

    mutating func acknowledge(_ sequencer: String) {
        guard pending.removeValue(forKey: sequencer) != nil else { return }
        unlink(path(sequencer, "pending"))
    }

    private func path(_ sequencer: String, _ state: String) -> String { "\(folder)/\(sequencer).\(state)" }
}
