import FoundationEssentials
import Pages

/// The templates and the messages of all languages, and what pages made of them may load.
struct Site: Sendable {
    let templates: [String: Template]
    let messages: [PageLanguage: Messages]
    let contentSecurityPolicy: String
}

/// Where they lie: beside the program. They are read again when one of them is another: so a line is
/// changed without compiling anything.
final class SiteFolder {
    private let folder: URL
    private let contentSecurityPolicy: String
    private var read: (site: Site, version: [String: Date])?

    struct Unreadable: Error, CustomStringConvertible {
        let file: String
        let reason: String
        var description: String { "\(file): \(reason)" }
    }

    /// Pages load nothing but the shop's own files, and recordings and pictures from `media`, an origin (W3C, Content
    /// Security Policy Level 3; Trusted Types).
    init(_ path: String, media: String) {
        folder = URL(filePath: path, directoryHint: .isDirectory)
        contentSecurityPolicy = """
            default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob: \(media); \
            media-src 'self' blob: \(media); connect-src 'self' \(media); font-src 'self'; manifest-src 'self'; \
            worker-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'; \
            require-trusted-types-for 'script'
            """
    }

    func current() throws -> Site {
        let version = try version()
        if let read, read.version == version { return read.site }
        let site = try Site(in: folder, files: version.keys.sorted(), allowing: contentSecurityPolicy)
        read = (site, version)
        return site
    }

    private func version() throws -> [String: Date] {
        let manager = FileManager.default
        var version: [String: Date] = [:]
        for (part, ending) in [("templates", ".html"), ("messages", ".json")] {
            let path = folder.appending(path: part).path
            for name in try manager.contentsOfDirectory(atPath: path) where name.hasSuffix(ending) {
                version["\(part)/\(name)"] =
                    try manager.attributesOfItem(atPath: "\(path)/\(name)")[.modificationDate] as? Date
                    ?? .distantPast
            }
        }
        return version
    }
}

extension Site {
    init(in folder: URL, files: [String], allowing policy: String) throws {
        var templates: [String: Template] = [:], messages: [PageLanguage: Messages] = [:]
        for file in files {
            let name = file.split(separator: "/").last?.split(separator: ".").first.map(String.init) ?? ""
            let bytes = try Data(contentsOf: folder.appending(path: file))
            do {
                if file.hasPrefix("templates/") {
                    templates[name] = try Template(parsing: String(decoding: bytes, as: UTF8.self))
                } else if let language = PageLanguage(rawValue: name) {
                    messages[language] = try Messages(language, from: bytes)
                }
            } catch { throw SiteFolder.Unreadable(file: file, reason: "\(error)") }
        }
        (self.templates, self.messages, contentSecurityPolicy) = (templates, messages, policy)
    }
}
