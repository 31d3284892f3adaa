import Bookshop
import Foundation
import Postgres
import Records
import TestSupport
import Testing

@Suite struct PeopleTests {
    @Test func `a person is known by issuer and subject, and by nothing else`() throws {
        try withConnection { connection in
            try connection.transaction { transaction in
                let first = try transaction.principal(
                    of: Account(
                        issuer: "https://a.test", subject: "1", email: "x@a.test", isEmailVerified: true,
                        toldAt: Date(timeIntervalSince1970: 1000)))
                let again = try transaction.principal(
                    of: Account(
                        issuer: "https://a.test", subject: "1", email: "y@a.test",
                        toldAt: Date(timeIntervalSince1970: 1001)))
                let other = try transaction.principal(of: Account(issuer: "https://b.test", subject: "1"))
                #expect(first.id == again.id)
                #expect(first.id != other.id)
                #expect(try transaction.email(of: first.id) == nil, "the new address is not verified")
            }
        }
    }

    @Test func `somebody's first forty requests at once make one person`() throws {
        try withDatabase { database throws in
            let found = atOnce(40) { _, line in
                let connection = database.connect(as: "library")
                try connection.warmUp()
                line.wait()
                return try connection.transaction(attempts: 20) {
                    try $0.principal(of: Account(issuer: "https://a.test", subject: "1")).id
                }
            }
            #expect(Set(try found.successes()).count == 1)
        }
    }

    @Test func `a role is granted once and told`() throws {
        try withConnection { connection in
            try connection.transaction { transaction in
                let id = try transaction.person("1", .editor, .editor, .finance)
                #expect(try transaction.roles(of: id) == [.editor, .finance])
                let again = try transaction.principal(of: Account(issuer: "https://id.test", subject: "1"))
                #expect(again.roles == [.editor, .finance])
            }
        }
    }

    private let key = SigningKey(kid: "1", modulus: [UInt8](repeating: 9, count: 256), exponent: [1, 0, 1])

    @Test func `keys are those the issuer lists now, and never none`() throws {
        try withConnection { connection in
            try connection.transaction { transaction in
                let other = SigningKey(kid: "2", modulus: key.modulus, exponent: key.exponent)
                #expect(try !transaction.hasSigningKeys(of: "a"))
                try transaction.store([key], of: "a")
                #expect(try transaction.signingKey("1", of: "a") == key)
                #expect(try transaction.signingKey("1", of: "b") == nil)
                try transaction.store([other], of: "a")
                #expect(try transaction.signingKey("1", of: "a") == nil)
                try transaction.store([], of: "a")
                #expect(try transaction.signingKey("2", of: "a") == other)
            }
        }
    }

    @Test func `keys are fetched when they are wished for, but not more often than the floor`() throws {
        try withConnection { connection in
            func claim(floor: Int = 60, age: Int = 3600) throws -> Bool {
                try connection.transaction {
                    try $0.claimSigningKeyRefresh(of: "a", floorSeconds: floor, maximumAgeSeconds: age)
                }
            }
            func wish() throws { try connection.transaction { try $0.wishSigningKeys(of: "a") } }
            #expect(try claim(), "never fetched")
            #expect(try !claim(), "just tried")
            try connection.transaction { try $0.store([key], of: "a") }
            #expect(try !claim(floor: 0), "fetched, and nobody wished")
            try wish()
            #expect(try !claim(), "wished, but within the floor")
            #expect(try claim(floor: 0))
            #expect(try !claim(floor: 0), "the wish was granted")
            #expect(try claim(floor: 0, age: 0), "too old")
        }
    }
}
