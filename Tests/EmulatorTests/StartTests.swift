import Foundation
import Testing

@testable import emulator

@Suite struct StartTests {
    @Test func `settings come from the file and the environment wins`() throws {
        let file = """
            # comment
            STRIPE_SECRET_KEY=sk_test_1 # ours
            export OIDC_ISSUER = "https://issuer.example/#x"
            STORE_URL='http://a b'
            OPENAI_API_KEY=
            S3_ENDPOINT=http://file
            DATABASE_URL=postgresql://u:p#w@h/d?a=b
            """
        let settings = try Settings(environment: ["S3_ENDPOINT": "http://environment"], file: file)
        #expect(settings["STRIPE_SECRET_KEY"] == "sk_test_1")
        #expect(settings["OIDC_ISSUER"] == "https://issuer.example/#x")
        #expect(settings["STORE_URL"] == "http://a b")
        #expect(settings["OPENAI_API_KEY"] == nil)
        #expect(settings["S3_ENDPOINT"] == "http://environment")
        #expect(settings["DATABASE_URL"] == "postgresql://u:p#w@h/d?a=b")
        #expect(Settings.parameterName("STRIPE_API_BASE") == "StripeApiBase")
        #expect(Settings.parameterName("S3_ENDPOINT") == "S3Endpoint")
    }

    @Test(arguments: ["A", "=1", "A B=1", "A=\"1", "A='1' x", "É=1"])
    func `a line that is no setting is named`(line: String) {
        #expect(throws: Refusal(".env, line 2: this is not NAME=value.")) {
            try Settings(file: "A=1\n\(line)\n")
        }
    }

    @Test func `a port in use is named, with the way out`() throws {
        let taken = try Addresses(base: 0, parts: [.gateway])
        let listener = try TakenPort(taken.port(.gateway))
        defer { listener.free() }
        let refusal = #expect(throws: Refusal.self) {
            try Addresses(base: listener.port - Part.queue.rawValue, parts: [.queue])
        }
        let line = try #require(refusal?.description)
        #expect(line.hasPrefix("Port \(listener.port) for SQS cannot be had (address already in use): "))
        #expect(line.contains("--port N"))
        #expect(throws: Refusal.self) { try Addresses(base: 65_530, parts: [.gateway]) }
        #expect(throws: Refusal.self) { try Addresses(base: -1, parts: [.gateway]) }
    }

    @Test func `base 0 gives each part a port of its own`() throws {
        let addresses = try Addresses(base: 0, parts: Part.allCases)
        #expect(Set(Part.allCases.map(addresses.port)).count == Part.allCases.count)
    }

    @Test func `a state folder is for one emulator at a time`() async throws {
        try await withStateFolder { folder async throws in
            do {
                let first = try StateFolder(folder.path)
                let refusal = #expect(throws: Refusal.self) { try StateFolder(folder.path) }
                #expect(refusal?.description.contains("(process \(getpid())) uses \(folder.path)") == true)
                let secret = try first.secret("key") { "made once" }
                #expect(secret == "made once")
            }
            let second = try StateFolder(folder.path)
            #expect(try second.secret("key") { "made twice" } == "made once")
            let attributes = try FileManager.default.attributesOfItem(atPath: folder.path + "/key")
            #expect(attributes[.posixPermissions] as? Int == 0o600)
        }
    }

    @Test func `a state folder that cannot be made is refused in one line`() {
        let refusal = #expect(throws: Refusal.self) { try StateFolder("/dev/null/state") }
        #expect(refusal?.description.hasPrefix("The state folder /dev/null/state cannot be made: ") == true)
    }
}

/// Listens until it is freed.
private struct TakenPort {
    let port: Int
    private let descriptor: Int32

    init(_ port: Int) throws {
        self.port = port
        descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = in_port_t(port).bigEndian
        address.sin_addr.s_addr = inet_addr("127.0.0.1")
        let isBound = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size)) == 0
            }
        }
        try #require(isBound && listen(descriptor, 1) == 0)
    }

    func free() { close(descriptor) }
}
