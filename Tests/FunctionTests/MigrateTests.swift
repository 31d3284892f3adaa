import Core
import Foundation
import TestSupport
import Testing

@testable import migrate

@Suite struct MigrateTests {
    private let folder = #filePath.replacing("Tests/FunctionTests/MigrateTests.swift", with: "Migrations")

    private func shop(_ database: TestDatabase) -> Shop {
        var shop = database.shop(of: "migrate")
        shop.database = database.connect()
        return shop
    }

    private func migrated(_ event: String, _ shop: Shop, from folder: String? = nil) throws -> String {
        String(decoding: try migrate(Array(event.utf8), in: shop, from: folder ?? self.folder), as: UTF8.self)
    }

    @Test func `a database that is up to date stays as it is`() throws {
        try withDatabase { database in
            for _ in 1...2 {
                let answer = try migrated("{}", shop(database))
                #expect(answer.contains(#""applied":[]"#) && answer.contains(#""granted":0"#))
            }
        }
    }

    @Test func `an empty database is brought up, and then found so`() throws {
        try withDatabase { database in
            let name = database.url.split { "/?".contains($0) }.first { $0.hasPrefix("test_") }.map {
                "empty_\($0)"
            }
            let empty = try #require(name)
            try database.connect().runScript("CREATE DATABASE \(empty)")
            defer { try? database.connect().runScript("DROP DATABASE \(empty) WITH (FORCE)") }
            var bare = shop(database)
            bare.database = Connection(database.url.replacing("/test_", with: "/empty_test_"))
            #expect(try migrated("{}", bare).contains("0001_foundations"))
            #expect(try migrated("{}", bare).contains(#""applied":[]"#))
        }
    }

    @Test func `roles are given, also to whom nobody met yet, and twice is once`() throws {
        try withDatabase { database in
            let event = """
                {"grants": [{"subject": "user_1", "role": "editor"}, {"subject": "user_1", "role": "admin"}]}
                """
            for _ in 1...2 { #expect(try migrated(event, shop(database)).contains(#""granted":2"#)) }
            let account = Account(issuer: "https://id.test", subject: "user_1")
            let principal = try database.prepared { try $0.principal(of: account) }
            #expect(principal.roles == [.editor, .admin])
            #expect(try database.count("identity.users") == 1)
        }
    }

    @Test(arguments: [
        "", "[]", #"{"grants": [{"subject": "user_1", "role": "king"}]}"#, #"{"grants": [{}]}"#,
    ])
    func `an event of another shape changes nothing`(event: String) throws {
        try withDatabase { database throws in
            #expect(throws: DecodingError.self) { try migrated(event, shop(database)) }
            #expect(try database.count("identity.users") == 0)
        }
    }
}
