import Foundation

/// What a program said of a file that it could not read.
public struct UnreadableFile: Error { public let words: String }

/// What programs nobody here wrote make of a document: Debian's qpdf and poppler-utils.
public struct PDFReading {
    public let pages: [String]
    public let fonts: String
    public let info: String

    public init(_ bytes: [UInt8]) throws {
        let file = FileManager.default.temporaryDirectory.appending(path: "\(UUID().uuidString).pdf")
        try Data(bytes).write(to: file)
        defer { try? FileManager.default.removeItem(at: file) }
        let check = try Self.ran("qpdf", "--check", file.path)
        guard check.contains("No syntax or stream encoding errors found") else {
            throw UnreadableFile(words: check)
        }
        pages = try Self.ran("pdftotext", "-layout", "-enc", "UTF-8", file.path, "-").split(
            separator: "\u{0C}"
        )
        .map(String.init)
        fonts = try Self.ran("pdffonts", file.path)
        info = try Self.ran("pdfinfo", file.path)
    }

    public var text: String { pages.joined(separator: "\n") }

    private static func ran(_ program: String, _ arguments: String...) throws -> String {
        let process = Process()
        process.executableURL = URL(filePath: "/usr/bin/env")
        process.arguments = [program] + arguments
        let pipe = Pipe()
        process.standardOutput = pipe
        process.standardError = pipe
        try process.run()
        let output = pipe.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        let words = String(decoding: output, as: UTF8.self)
        guard process.terminationStatus == 0 else { throw UnreadableFile(words: words) }
        return words
    }
}
