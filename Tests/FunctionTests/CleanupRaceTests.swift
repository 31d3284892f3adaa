import Foundation
import TestSupport
import Testing

@testable import Core
@testable import cleanup

/// Two at once: of those who clean up, and one who does and one to whom a file begins to matter.
@Suite struct CleanupRaceTests {
    private let cover = "c/\(String(repeating: "b", count: 64)).jpg"

    @Test func `of two who go through the storage at once one goes on, and each object counts once`() throws {
        try withDatabase { database in
            let bucket = FakeBucket()
            for _ in 0..<3 { bucket.put(Upload.objectKey(of: Upload.ID()), bytes: 2) }
            bucket.meanwhile = { question in
                guard question == "list u/ behind -" else { return }
                bucket.meanwhile = { _ in }
                try bucket.shop(database).cleanUp()
            }
            #expect(throws: RoundMoved.self) { try bucket.shop(database).cleanUp() }
            #expect(bucket.removed.count == 3)
            let totals = try database.cleanupTotals()
            #expect(totals == ["removed orphan 3 6"])
        }
    }

    @Test func `what is needed after all stays, and under a name that leaves nothing comes`() throws {
        try withDatabase { database in
            let bucket = FakeBucket(), key = cover
            func come(_ digest: UInt8) throws { try database.prepared { try $0.come(digest, as: key) } }
            // It comes after the page was listed, and before it is judged.
            bucket.put(key)
            bucket.meanwhile = { if $0.hasPrefix("list c/") { try come(1) } }
            try bucket.shop(database).cleanUp()
            #expect(bucket.removed.isEmpty)
            #expect(try database.cleanupTotals() == ["kept unused 1 10"])

            _ = try database.prepared { try $0.run("DELETE FROM catalogue.assets") }
            try database.nextDay()
            var refusals = 0
            bucket.meanwhile = { question in
                guard question == "remove \(key)" else { return }
                do { try come(2) } catch { refusals += 1 }
            }
            try bucket.shop(database).cleanUp()
            #expect(bucket.removed == [key])
            #expect(throws: (any Error).self, "it may have been stored before it was removed") { try come(3) }
            #expect(refusals == 1)
            _ = try database.prepared {
                try $0.run("UPDATE production.cleanup_objects SET at = at - interval '16 minutes'")
            }
            try come(4)
        }
    }

    @Test func `what comes while a page is judged is waited for, and stays`() throws {
        try withDatabase { database in
            let key = cover
            let removed = atOnce(2) { index, line in
                guard index == 0 else {
                    let bucket = FakeBucket()
                    bucket.put(key)
                    line.wait()
                    try bucket.shop(database).cleanUp()
                    return bucket.removed
                }
                try database.prepared { transaction in
                    try transaction.come(1, as: key)
                    line.wait()
                    try transaction.waitUntilItIsInTheWay()
                }
                return []
            }
            #expect(try removed.flatMap { try $0.get() } == [])
            let totals = try database.cleanupTotals()
            #expect(totals == ["kept unused 1 10"])
        }
    }
}

extension Transaction {
    fileprivate func come(_ digest: UInt8, as key: String) throws {
        try run(
            """
            INSERT INTO catalogue.assets (sha256, bytes, media_type, bucket, object_key, visibility)
            VALUES (\([UInt8](repeating: digest, count: 32)), 1, 'image/jpeg', 'media', \(key), 'public')
            """)
    }

    /// Until another transaction waits for this one.
    fileprivate func waitUntilItIsInTheWay() throws {
        try run("SET LOCAL statement_timeout = '20s'")
        try runScript(
            """
            DO $$ BEGIN
                WHILE NOT EXISTS (SELECT FROM pg_locks
                    WHERE NOT granted AND pg_backend_pid() = ANY (pg_blocking_pids(pid)))
                LOOP
                    PERFORM pg_sleep(0.01);
                END LOOP;
            END $$
            """)
    }
}
