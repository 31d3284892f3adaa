import Bookshop
import Foundation
import Measuring
import Postgres
import Records
import TestSupport

/// A shop in whose books much is said.
struct SpokenShop {
    struct Filled {
        let rows: Int
        let writing, indexing: Duration
    }

    /// How many books the owner of a library has, spread over the shop.
    static let library = 300

    let database: TestDatabase
    let editor, owner, collector: Principal.ID
    private(set) var books: [Audiobook.ID] = []
    private(set) var owned: [Int] = []

    init(_ database: TestDatabase) throws {
        self.database = database
        (editor, owner, collector) = try database.connect().transaction { transaction in
            (
                try transaction.person("editor", .editor), try transaction.person("owner"),
                try transaction.person("collector")
            )
        }
        // So much is not written at once in a shop, and the log need not be kept for it.
        try database.connect().runScript("ALTER SYSTEM SET max_wal_size = '16GB'")
        try database.connect().runScript("SELECT pg_reload_conf()")
    }

    /// Writes the texts of as many books as are missing, without their index, and then the index.
    mutating func fill(upTo count: Int) throws -> Filled {
        let connection = database.connect()
        let already = books.count
        tell("Making \(count - already) books …")
        while books.count < count {
            let book = try connection.transaction { transaction in
                try transaction.published(
                    "Book \(books.count)", saying: [.said("nothing", at: 0)], by: editor)
            }
            books.append(book)
        }
        owned = (0..<Self.library).map { $0 * count / Self.library }
        try connection.transaction { transaction in
            try transaction.run("DELETE FROM listening.entitlements")
            for (person, books) in [(owner, owned.map { books[$0] }), (collector, books)] {
                try transaction.run(
                    """
                    INSERT INTO listening.entitlements (user_id, audiobook_id, source, granted_by)
                    SELECT \(person), book, 'grant', \(editor)
                    FROM unnest(\(books.map(\.rawValue.uuidString))::uuid[]) AS book
                    """)
            }
        }
        tell("Writing what is said in them …")
        let definition: String = try connection.transaction { transaction in
            try transaction.value("SELECT pg_get_indexdef('production.transcript_segments_vector'::regclass)")
                ?? ""
        }
        try connection.runScript(
            """
            DROP INDEX production.transcript_segments_vector;
            ALTER TABLE production.transcript_segments DISABLE TRIGGER learnt;
            """)
        let writing = try ContinuousClock().measure { try writeTexts(from: already) }
        tell("Indexing it …")
        let indexing = try ContinuousClock().measure {
            try connection.runScript(
                """
                SET maintenance_work_mem = '1GB';
                \(definition.replacing(" ON ONLY ", with: " ON "));
                """)
        }
        try connection.runScript(
            "ALTER TABLE production.transcript_segments ENABLE TRIGGER learnt")
        _ = try connection.transaction { transaction in
            try transaction.run(
                """
                INSERT INTO production.spoken_words (language, word)
                SELECT 'en', word FROM unnest(\((1...Vocabulary.count).map(Vocabulary.word))::text[]) AS word
                WHERE length(word) BETWEEN 3 AND 40 ON CONFLICT DO NOTHING
                """)
        }
        try connection.runScript("VACUUM ANALYZE")
        return Filled(rows: (count - already) * SpokenBook.phrases, writing: writing, indexing: indexing)
    }

    /// On both processors: what is written is taken apart by the database.
    private func writeTexts(from first: Int) throws {
        let writers = 2
        let written = atOnce(writers) { [self] index, line in
            let connection = database.connect()
            line.wait()
            for number in stride(from: first + index, to: books.count, by: writers) {
                try connection.transaction { try write(SpokenBook(number: number), $0) }
            }
        }
        for result in written { try result.get() }
    }

    private func write(_ book: SpokenBook, _ transaction: borrowing Transaction) throws {
        guard let transcript = try transaction.transcript(of: books[book.number]) else {
            throw TranscriptError.noSuchTranscript
        }
        let positions = Array(1...SpokenBook.phrases), said = positions.map { book.phrase($0) }
        try transaction.run(
            "DELETE FROM production.transcript_segments WHERE transcript_id = \(transcript.id)")
        try transaction.run(
            """
            INSERT INTO production.transcript_segments (transcript_id, position, start_ms, end_ms, chapter, text, words,
                following, language)
            SELECT \(transcript.id), position, start_ms, end_ms, 1, text, words::jsonb, following, 'en'
            FROM unnest(\(positions)::int[], \(said.map(\.startMilliseconds))::bigint[],
                \(said.map(\.endMilliseconds))::bigint[], \(said.map(\.text))::text[],
                \(said.map { Self.json($0.words) })::text[], \(positions.map(book.following))::text[])
                AS said (position, start_ms, end_ms, text, words, following)
            """)
    }

    private static func json(_ words: [SpokenWord]) -> String {
        var text = "["
        for word in words {
            if text.count > 1 { text += "," }
            text += "{\"text\":\"\(word.text)\",\"startMilliseconds\":\(word.startMilliseconds),"
            text += "\"endMilliseconds\":\(word.endMilliseconds)}"
        }
        return text + "]"
    }

    /// Lines of Markdown: how large it is, and how quickly it was written, at once and as the shop does.
    func facts(_ filled: Filled) throws -> [String] {
        let rate = try loadRate()
        let sizes: [Int] = try database.connect().transaction { transaction in
            try transaction.values(
                """
                SELECT sum(size) FROM (
                    SELECT 1 AS place, pg_table_size(relid) AS size
                    FROM pg_partition_tree('production.transcript_segments') WHERE isleaf
                    UNION ALL SELECT 2, pg_relation_size(relid)
                    FROM pg_partition_tree('production.transcript_segments_vector') WHERE isleaf
                    UNION ALL SELECT 3, pg_indexes_size(relid)
                    FROM pg_partition_tree('production.transcript_segments') WHERE isleaf
                ) AS sizes GROUP BY place ORDER BY place
                """)
        }
        let written = Self.perSecond(filled.rows, filled.writing)
        return [
            "| | |", "|---|---|", "| table | \(Self.megabytes(sizes[0])) |",
            "| index of words | \(Self.megabytes(sizes[1])) |",
            "| other indexes | \(Self.megabytes(sizes[2] - sizes[1])) |",
            "| written at once, by two connections, without the index of words | \(written) |",
            "| the index of words built after | \(Int(filled.indexing / .seconds(1))) s |",
            "| written by the shop, a book at a time, all indexes kept | \(rate) |",
        ]
    }

    /// As recordings are heard, ten minutes at a time, and their texts put together after the last.
    private func loadRate() throws -> String {
        let connection = database.connect()
        let new = 5, chunk = 600_000, duration = SpokenBook.phrases * SpokenBook.phraseMilliseconds
        var taken = Duration.zero
        for number in 0..<new {
            let book = SpokenBook(number: 1_000_000 + books.count + number)
            let text = try connection.transaction { transaction in
                let draft = try transaction.draft("New \(books.count + number)", by: editor)
                _ = try transaction.record(draft, by: editor, durationMilliseconds: duration)
                guard let text = try transaction.transcript(of: draft) else {
                    throw TranscriptError.noSuchTranscript
                }
                let spans = stride(from: 0, to: duration, by: chunk).map {
                    Span(startMilliseconds: $0, endMilliseconds: min($0 + chunk, duration))
                }
                _ = try transaction.plan(text.id, chunks: spans)
                return text.id
            }
            let each = chunk / SpokenBook.phraseMilliseconds
            for (index, first) in stride(from: 1, through: SpokenBook.phrases, by: each).enumerated() {
                let said = (first..<min(first + each, SpokenBook.phrases + 1)).map {
                    book.phrase($0, from: index * chunk)
                }
                taken += try ContinuousClock().measure {
                    let claimed = try connection.transaction {
                        try $0.claimChunk(index + 1, of: text, leaseSeconds: 60)
                    }
                    guard let claimed else { throw TranscriptError.noSuchChunk }
                    _ = try connection.transaction { try $0.complete(claimed, with: .heard(said)) }
                }
            }
        }
        return Self.perSecond(new * SpokenBook.phrases, taken)
    }

    private static func megabytes(_ bytes: Int) -> String { "\(bytes / 1_000_000) MB" }
    private static func perSecond(_ rows: Int, _ time: Duration) -> String {
        "\(Int(Double(rows) / (time / .seconds(1)))) phrases a second"
    }
}
