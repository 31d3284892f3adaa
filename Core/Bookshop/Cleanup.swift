public import FoundationEssentials

/// When what is stored may go.
public struct CleanupTerms: Hashable, Sendable {
    /// What nobody knows of may belong to somebody who has only begun.
    public let graceHours: Int
    /// How long the recording stays that another one replaced.
    public let editionGraceDays: Int
    /// Nothing goes; it is only told what would.
    public let isDryRun: Bool

    public static let standard = CleanupTerms(checked: 48, editionGraceDays: 30, isDryRun: false)

    /// No function lives for an hour, nor does a link to a recording: a day is safe for both.
    public init?(graceHours: Int, editionGraceDays: Int, isDryRun: Bool) {
        guard (24...8760).contains(graceHours), (1...3650).contains(editionGraceDays) else { return nil }
        self.init(checked: graceHours, editionGraceDays: editionGraceDays, isDryRun: isDryRun)
    }

    private init(checked graceHours: Int, editionGraceDays: Int, isDryRun: Bool) {
        (self.graceHours, self.editionGraceDays) = (graceHours, editionGraceDays)
        self.isDryRun = isDryRun
    }
}

/// A round through all that is stored. It goes on behind what was looked at last.
public struct CleanupRound: Hashable, Sendable {
    /// What is looked at, in this order: first what makes files needless, then the files by the beginnings of
    /// their names, then parts of files.
    public enum Stage: String, CaseIterable, Codable, Sendable {
        case editions
        case uploads = "u/"
        case covers = "c/"
        case samples = "s/"
        case exports = "e/"
        case parts

        public var next: Stage? {
            let all = Self.allCases
            return all.firstIndex(of: self).flatMap { $0 + 1 < all.count ? all[$0 + 1] : nil }
        }
    }

    public let id: Int
    public let isDryRun: Bool
    public var stage: Stage
    /// The last that was looked at, and of parts the storage's name for them.
    public var mark: StoredName?

    public init(id: Int, isDryRun: Bool, stage: Stage, mark: StoredName?) {
        (self.id, self.isDryRun, self.stage, self.mark) = (id, isDryRun, stage, mark)
    }
}

/// Where something is stored: an object by its key, and parts that were not joined yet by the storage's name
/// for them too.
public struct StoredName: Hashable, Sendable {
    public let key: String
    public let multipart: String

    public init(key: String, multipart: String = "") { (self.key, self.multipart) = (key, multipart) }
}

/// Something the storage holds.
public struct StoredLine: Hashable, Sendable {
    public let name: StoredName
    /// Nothing of parts: the storage does not say.
    public let bytes: Int
    /// By the storage's clock. Of parts, when the first could have come.
    public let modifiedAt: Date

    public init(name: StoredName, bytes: Int, modifiedAt: Date) {
        (self.name, self.bytes, self.modifiedAt) = (name, bytes, modifiedAt)
    }
}

/// What the storage holds behind a place, in the order of the bytes of its names.
public struct StoredLines: Hashable, Sendable {
    public let lines: [StoredLine]
    public let isLast: Bool

    public init(lines: [StoredLine], isLast: Bool) { (self.lines, self.isLast) = (lines, isLast) }
}

/// What a storage holds, whoever knows of it. Failures are `OutsideFailure`.
public struct Inventory {
    public var objects: (_ bucket: String, _ prefix: String, _ after: StoredName?) throws -> StoredLines
    /// The uploads in parts that were neither joined nor given up.
    public var parts: (_ bucket: String, _ after: StoredName?) throws -> StoredLines

    public init(
        objects: @escaping (_ bucket: String, _ prefix: String, _ after: StoredName?) throws -> StoredLines,
        parts: @escaping (_ bucket: String, _ after: StoredName?) throws -> StoredLines
    ) {
        (self.objects, self.parts) = (objects, parts)
    }

    public static var unset: Inventory {
        Inventory(
            objects: { _, _, _ in throw Unset("Inventory.objects") },
            parts: { _, _ in throw Unset("Inventory.parts") })
    }
}
