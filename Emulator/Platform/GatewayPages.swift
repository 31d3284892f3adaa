import Foundation

/// A page of the emulator's own.
public struct GatewayPage: Sendable {
    public var type: String
    public var text: String
    /// What a browser may load for it; nil for no word on that.
    public var contentSecurityPolicy: String?

    public init(type: String, text: String, contentSecurityPolicy: String? = nil) {
        self.type = type
        self.text = text
        self.contentSecurityPolicy = contentSecurityPolicy
    }
}

/// What the gateway's port shows that is no part of the API: the shop's pages, the emulator's own, and whether
/// all is up.
struct GatewayPages: Sendable {
    private let storefront: URL?
    private let pages: [String: GatewayPage]
    private let folders: [String: URL]
    private let welcome: @Sendable () -> String
    private let health: @Sendable () async -> [String: Bool]

    init(_ settings: GatewayServer.Settings) {
        storefront = settings.storefront.map(Self.folder)
        pages = settings.pages
        folders = settings.folders.mapValues(Self.folder)
        welcome = settings.welcome
        health = settings.health
    }

    /// nil where the API is to answer. A route of the API comes before a file of the same path.
    func answer(
        to request: GatewayRequest, isRoute: (_ method: String, _ path: String) -> Bool
    ) async -> GatewayAnswer? {
        guard request.method == "GET" || request.method == "HEAD" else { return nil }
        if request.path == "/_earshelf/health" { return await healthAnswer() }
        if let own = ownAnswer(to: request.path) { return own }
        guard !isRoute(request.method, request.path) else { return nil }
        if let storefront, let file = Self.file(at: request.path, in: storefront) { return file }
        guard request.path == "/" else { return nil }
        let page = welcome()
        guard !page.isEmpty else { return nil }
        return GatewayAnswer(
            status: 200, headers: [("content-type", "text/html; charset=utf-8")], body: Array(page.utf8))
    }

    private func healthAnswer() async -> GatewayAnswer {
        let parts = await health()
        let isUp = parts.values.allSatisfy { $0 }
        let members = parts.sorted { $0.key < $1.key }.map { #""\#($0.key)":\#($0.value)"# }
        let text = #"{"up":\#(isUp),"parts":{\#(members.joined(separator: ","))}}"#
        return GatewayAnswer(
            status: isUp ? 200 : 503, headers: [("content-type", "application/json")], body: Array(text.utf8))
    }

    private func ownAnswer(to path: String) -> GatewayAnswer? {
        if let page = pages[path] { return GatewayAnswer(page) }
        // A page that is a folder, without its slash.
        if pages[path + "/"] != nil {
            return GatewayAnswer(status: 308, headers: [("location", path + "/")])
        }
        guard let (prefix, folder) = folders.first(where: { path.hasPrefix($0.key) }) else { return nil }
        return Self.file(at: "/" + path.dropFirst(prefix.count), in: folder)
    }

    private static func folder(_ path: String) -> URL {
        URL(fileURLWithPath: path, isDirectory: true).standardizedFileURL
    }

    /// Files below the folder alone: neither `..` nor a symbolic link leads out of it.
    private static func file(at path: String, in folder: URL) -> GatewayAnswer? {
        let decoded = PercentEncoding.decoded(path)
        let parts = decoded.split(separator: "/")
        guard !parts.contains(".."), !decoded.utf8.contains(0) else { return nil }
        var file = parts.reduce(folder) { $0.appendingPathComponent(String($1)) }
        if decoded.hasSuffix("/") { file.appendPathComponent("index.html") }
        let resolved = file.resolvingSymlinksInPath().path
        let root = folder.resolvingSymlinksInPath().path
        var isFolder: ObjCBool = false
        guard resolved.hasPrefix(root + "/"),
            FileManager.default.fileExists(atPath: resolved, isDirectory: &isFolder), !isFolder.boolValue,
            let bytes = FileManager.default.contents(atPath: resolved)
        else { return nil }
        let type = types[file.pathExtension.lowercased()] ?? "application/octet-stream"
        return GatewayAnswer(
            status: 200, headers: [("content-type", type), ("cache-control", "no-cache")],
            body: [UInt8](bytes))
    }

    private static let types = [
        "css": "text/css; charset=utf-8", "html": "text/html; charset=utf-8", "ico": "image/x-icon",
        "jpg": "image/jpeg", "js": "text/javascript; charset=utf-8", "json": "application/json",
        "mjs": "text/javascript; charset=utf-8", "mp3": "audio/mpeg", "png": "image/png",
        "svg": "image/svg+xml", "txt": "text/plain; charset=utf-8",
        "webmanifest": "application/manifest+json",
        "webp": "image/webp", "woff2": "font/woff2",
    ]
}

extension GatewayAnswer {
    init(_ page: GatewayPage) {
        self.init(
            status: 200, headers: [("content-type", page.type), ("cache-control", "no-cache")],
            body: Array(page.text.utf8))
        if let policy = page.contentSecurityPolicy { headers.append(("content-security-policy", policy)) }
    }
}
