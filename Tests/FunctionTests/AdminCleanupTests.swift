import Foundation
import TestSupport
import Testing

@testable import Core
@testable import admin
@testable import cleanup

@Suite struct AdminCleanupTests {
    @Test func `editors see what a round came to, and each object that is not simply in use`() throws {
        try withDatabase { database in
            let office = try BackOffice(database), bucket = FakeBucket()
            #expect(office.get("storage/cleanup")["rounds"] == "0")
            let keys = (0..<3).map { _ in Upload.objectKey(of: Upload.ID()) }.sorted()
            for (key, hours) in zip(keys, [100.0, 1, 100]) { bucket.put(key, hours: hours) }
            try bucket.shop(database).cleanUp()
            let told = office.get("storage/cleanup", as: [.editor])
            #expect(told["rounds/0/totals"] == "2" && told["rounds/0/isDryRun"] == "false")
            #expect(told["rounds/0/totals/0/verdict"] == "kept")
            #expect(told["rounds/0/totals/0/reason"] == "young")
            #expect(told["rounds/0/totals/1/objects"] == "2" && told["rounds/0/totals/1/bytes"] == "20")
            #expect(told["rounds/0/endedAt"] != nil)

            let first = office.get("storage/cleanup/objects", query: ["limit": "2"])
            #expect(first["items/0/key"] == keys[0] && first["items/1/verdict"] == "kept")
            let rest = office.get(
                "storage/cleanup/objects", query: ["limit": "2", "cursor": first["next"] ?? ""])
            #expect(rest["items"] == "1" && rest["items/0/key"] == keys[2] && rest["next"] == nil)
            let removed = office.get("storage/cleanup/objects", query: ["verdict": "removed"])
            #expect(removed["items"] == "2" && removed["items/0/reason"] == "orphan")
            #expect(
                office.get(
                    "storage/cleanup/objects", query: ["verdict": "removed", "cursor": first["next"] ?? ""]
                ).outcome == "400 invalid-query")
        }
    }

    @Test func `it is for editors, and what is asked otherwise is refused`() throws {
        try withDatabase { database in
            let office = try BackOffice(database)
            for path in ["storage/cleanup", "storage/cleanup/objects"] {
                #expect(office.admitted { office.get(path, as: $0) } == ["admin", "editor"])
                #expect(office.get(path, query: ["q": "x"]).outcome == "400 invalid-query")
            }
            #expect(
                office.get("storage/cleanup/objects", query: ["verdict": "gone"]).outcome
                    == "400 invalid-query")
        }
    }
}
