import Foundation
import Platform
import Template
import Testing

@Suite struct GatewayPageTests {
    @Test func `the port shows pages beside the API and nothing outside of their folder`() async throws {
        let root = URL(fileURLWithPath: NSTemporaryDirectory()).appendingPathComponent(UUID().uuidString)
        let folder = root.appendingPathComponent("Storefront")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: root) }
        try Data("shop".utf8).write(to: folder.appendingPathComponent("index.html"))
        try Data("a file".utf8).write(to: folder.appendingPathComponent("api.js"))
        try Data("secret".utf8).write(to: root.appendingPathComponent("secret"))
        try FileManager.default.createSymbolicLink(
            at: folder.appendingPathComponent("link"),
            withDestinationURL: root.appendingPathComponent("secret"))
        let invoker = RecordingInvoker(answering: #""function""#)
        let functions = [function("f", "GET /api.js"), function("rest", "$default")]
        try await withGateway(functions: functions, invoker: invoker, storefront: folder.path) {
            gateway async throws in
            #expect(try await gateway.send("GET", "/").text == "shop")
            #expect(try await gateway.send("GET", "/api.js").text == #""function""#)
            #expect(try await gateway.send("POST", "/").text == #""function""#)
            #expect(try await gateway.send("GET", "/%2e%2e/secret").text == #""function""#)
            #expect(try await gateway.send("GET", "/link").text == #""function""#)
        }
    }

    @Test func `the emulator's own pages are beside the API, and so are the files they load`() async throws {
        let folder = URL(fileURLWithPath: NSTemporaryDirectory()).appendingPathComponent(UUID().uuidString)
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        try Data("style".utf8).write(to: folder.appendingPathComponent("a.css"))
        let page = GatewayPage(type: "text/html", text: "<p>", contentSecurityPolicy: "default-src 'none'")
        try await withGateway(
            functions: [], invoker: RecordingInvoker(), pages: ["/_earshelf/docs/": page],
            folders: ["/_earshelf/docs/": folder.path]
        ) { gateway async throws in
            let shown = try await gateway.send("GET", "/_earshelf/docs/")
            #expect(shown.text == "<p>" && shown.header("content-security-policy") == "default-src 'none'")
            let file = try await gateway.send("GET", "/_earshelf/docs/a.css")
            #expect(file.text == "style" && file.header("content-type") == "text/css; charset=utf-8")
            #expect(try await gateway.send("GET", "/_earshelf/docs/../a.css").status == 404)
            #expect(try await gateway.send("GET", "/_earshelf/docs/b.css").status == 404)
            #expect(try await gateway.send("POST", "/_earshelf/docs/").status == 404)
        }
    }

    @Test func `without a folder a page welcomes, and health is told`() async throws {
        try await withGateway(functions: [], invoker: RecordingInvoker()) { gateway async throws in
            #expect(try await gateway.send("GET", "/").text == "<h1>Welcome</h1>")
            let health = try await gateway.send("GET", "/_earshelf/health")
            #expect(health.status == 200)
            #expect(health.text == #"{"up":true,"parts":{"database":true}}"#)
            #expect(try await gateway.send("GET", "/other").status == 404)
        }
    }
}
