import Bookshop
import FoundationEssentials
internal import Postgres

extension Transaction {
    /// First what is named by the words, by how well; then what merely mentions them, the newest first. Most
    /// searches end with the first.
    func page(of sought: Sought, by text: SoughtText, after cursor: Cursor?, size: PageSize) throws
        -> Page<Listing>
    {
        let place = try cursor.map(RelevancePlace.init)
        var listed: [Listed] = []
        if place?.isMention != true {
            listed = try named(sought, text, after: place, most: size.rawValue + 1)
        }
        if listed.count <= size.rawValue, !text.words.isEmpty {
            listed += try mentioned(
                sought, text, after: place?.isMention == true ? place : nil,
                most: size.rawValue + 1 - listed.count)
        }
        return sought.page(of: listed, size: size)
    }

    private func named(_ sought: Sought, _ text: SoughtText, after place: RelevancePlace?, most: Int) throws
        -> [Listed]
    {
        var conditions = sought.conditions(withText: false) + [text.isNamed]
        if let place {
            conditions.append(
                """
                (\(text.score), listing.published_at, listing.audiobook_id)
                    < (\(place.score)::integer, \(place.publishedAt)::timestamptz, \(place.id)::uuid)
                """)
        }
        return try all(
            lines(
                from: Self.documents, where: conditions, key: "\(text.score) || ' ' || listing.published_at",
                by: "\(text.score) DESC, listing.published_at DESC, listing.audiobook_id DESC", most: most))
    }

    private func mentioned(_ sought: Sought, _ text: SoughtText, after place: RelevancePlace?, most: Int)
        throws
        -> [Listed]
    {
        var conditions = sought.conditions(withText: false) + [text.isMentioned]
        if let place {
            conditions.append(
                """
                (listing.published_at, listing.audiobook_id)
                    < (\(place.publishedAt)::timestamptz, \(place.id)::uuid)
                """)
        }
        return try all(
            lines(
                from: Self.documents, where: conditions, key: "'0 ' || listing.published_at",
                by: "listing.published_at DESC, listing.audiobook_id DESC", most: most))
    }

    private static var documents: SQL {
        "catalogue.search_documents AS document JOIN catalogue.listings AS listing USING (audiobook_id)"
    }
}

/// Where in the order of relevance a page ended: the score and the age. What is only mentioned has no score.
private struct RelevancePlace {
    let score: Int
    let publishedAt: Date
    let id: UUID
    var isMention: Bool { score == 0 }

    init(_ cursor: Cursor) throws(ForeignCursor) {
        let parts = cursor.key.split(separator: " ", maxSplits: 1)
        guard parts.count == 2, let score = Int(parts[0]), (0...9000).contains(score),
            let date = Date(sqlText: String(parts[1]))
        else { throw ForeignCursor() }
        (self.score, publishedAt, id) = (score, date, cursor.id)
    }
}
