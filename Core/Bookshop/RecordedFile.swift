/// One of the files of a recording, and what it says of itself.
public struct RecordedFile: Hashable, Sendable {
    public let name: String
    public let durationMilliseconds: Int
    public let title: String?
    public let chapters: [ChapterMark]

    public init(name: String, durationMilliseconds: Int, title: String?, chapters: [ChapterMark]) {
        (self.name, self.durationMilliseconds) = (name, durationMilliseconds)
        (self.title, self.chapters) = (title, chapters)
    }

    /// What its name says when what only sorts or describes files is left out: `03_the_pool.mp3` is `the
    /// pool`.
    var plainName: String {
        var name = self.name.split(whereSeparator: { $0 == "/" || $0 == "\\" }).last.map(String.init) ?? ""
        if let dot = name.lastIndex(of: "."), dot > name.startIndex,
            Self.endings.contains(name[name.index(after: dot)...].lowercased())
        {
            name = String(name[..<dot])
        }
        name = name.split(whereSeparator: { $0 == "_" || $0.isWhitespace }).joined(separator: " ")
        let number = name.prefix { $0.isASCII && $0.isNumber }
        // A year is a name, and a number up to three digits only says which file it is.
        guard (1...3).contains(number.count) else { return name }
        let rest = name.dropFirst(number.count)
        guard let first = rest.first else { return "" }
        return " .-–)".contains(first) ? String(rest.drop { " .-–)".contains($0) }) : name
    }
}

extension Chapter {
    /// The chapters of a recording of many files: those that the files tell, one after the other, and one
    /// for each file that tells none. Such a one is called what the file calls itself, unless another does
    /// so too, for that is the book's name then; or else what its name says.
    public static func joined(_ files: [RecordedFile]) -> [Chapter] {
        var uses: [String: Int] = [:]
        for file in files { uses[(file.title ?? "").trimmed, default: 0] += 1 }
        var chapters: [Chapter] = []
        var start = 0
        for file in files {
            let told = (file.title ?? "").trimmed
            let title = told.isEmpty || uses[told, default: 0] > 1 ? file.plainName : told
            let marks =
                file.chapters.isEmpty
                ? [ChapterMark(title: title, startMilliseconds: 0)] : file.chapters
            chapters += tiling(
                marks, durationMilliseconds: file.durationMilliseconds, bookTitle: title,
                numberedFrom: chapters.count + 1
            ).map { Chapter(title: $0.title, span: $0.span.moved(byMilliseconds: start)) }
            start += file.durationMilliseconds
        }
        return chapters
    }
}

/// Why files do not make a recording.
public enum RecordingError: Error, Equatable {
    case none
    case tooMany
    /// Counted from zero: no track of the book that the editor has sent, or named before.
    case track(at: Int)
    /// Those which are not ready, in order.
    case notReady([Upload.ID])
    case tooLong
}

extension RecordedFile {
    public static let maximumCount = 1000
    /// By which names of files say that there is sound in them.
    private static let endings: Set<String> = [
        "aac", "flac", "m4a", "m4b", "mp3", "mp4", "oga", "ogg", "opus", "wav",
    ]
}
