import Foundation
public import Postgres

extension Connection {
    /// A whole shop of books, with statistics that are fresh. Once for a database, and only with all rights.
    public func fillShelves(with count: Int) throws {
        precondition(count >= 200, "as many people and categories as there are want books")
        let file = #filePath.replacing("ManyBooks.swift", with: "shelves.sql")
        let script = try String(contentsOfFile: file, encoding: .utf8)
            .replacing(":count", with: String(count))
        try transaction(.readCommitted) { try $0.runScript(script) }
        try runScript("VACUUM ANALYZE")
    }
}

extension Connection {
    /// What two years of business leave behind, in a shop of 5000 books. Once for a database, and only with all rights.
    public func fillYears() throws {
        let file = #filePath.replacing("ManyBooks.swift", with: "years.sql")
        let script = try String(contentsOfFile: file, encoding: .utf8)
        try transaction(.readCommitted) { try $0.runScript(script) }
        try runScript("VACUUM ANALYZE")
    }
}

/// Runs a test on a database with so many books. They are made once for a run and copied then.
public func withManyBooks<Value>(
    _ count: Int = 5000, _ body: (TestDatabase) throws -> Value
) throws -> Value {
    let filled = try TemplateDatabase(of: TemplateDatabase.migrated.get(), called: "books_\(count)") {
        try $0.fillShelves(with: count)
    }
    return try withDatabase(copying: filled, body)
}
