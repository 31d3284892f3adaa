public import Bookshop
import Lambda
import Records

extension PassageIndex {
    /// Where an index outside has all of somebody's texts as they are now, it proposes and the records decide. Where it
    /// has not, or is away, the records find by themselves: nobody who searches is to wait for it, or to miss what was
    /// just written.
    public static func proposed(by index: PassageProposals, in shop: Shop) -> PassageIndex {
        let records = PassageIndex.records(shop.database)
        return PassageIndex { search in
            do {
                if let finding = try shop.find(search, proposedBy: index) { return finding }
            } catch let failure as OutsideFailure {
                log("found by the records alone", ["reason": failure.word], level: .warning)
            } catch is ServiceRests {}
            return try records.find(search)
        }
    }
}

extension Shop {
    /// Nil where the records are to find by themselves.
    fileprivate func find(_ search: PassageSearch, proposedBy index: PassageProposals) throws
        -> PassageFinding?
    {
        let isOfGuesses = try search.isOfGuesses()
        let known = try database.transaction(.readCommitted) { transaction -> SearchedTexts? in
            guard let texts = try transaction.textsToSearch(search) else { return nil }
            return try transaction.turn(at: .index, probeSeconds: 10) == nil ? texts : nil
        }
        guard let known else { return nil }
        if !isOfGuesses {
            let typed = GuessedPassage(search.query)
            guard let found = try find(search, meaning: typed, in: known, by: index) else { return nil }
            if !found.isEmpty || search.cursor != nil { return try finding(found, search, nil) }
        }
        let guess = try database.transaction(.readOnly) { try $0.guess(what: search) }
        guard let guess else { return try finding([], search, nil) }
        guard let found = try find(search, meaning: guess, in: known, by: index) else { return nil }
        return try finding(found, search, guess)
    }

    /// The page and one more, of what is proposed. Nil if it is too seldom right.
    private func find(
        _ search: PassageSearch, meaning guess: GuessedPassage, in texts: SearchedTexts,
        by index: PassageProposals
    ) throws -> [FoundPassage]? {
        let wanted = search.size.rawValue + 1
        var (found, last): ([FoundPassage], PassageMark?) = ([], texts.last)
        for _ in 1...4 {
            let inquiry = PassageInquiry(guess, in: texts, after: last, limit: wanted + 20)
            let places = try calling(.index) { try index.propose(inquiry) }
            found += try database.transaction(.readOnly) { transaction in
                try transaction.passages(search, meaning: guess, among: places)
            }
            if found.count >= wanted || places.count < inquiry.limit { return Array(found.prefix(wanted)) }
            last = places.last?.mark
        }
        return nil
    }

    private func finding(_ found: [FoundPassage], _ search: PassageSearch, _ guess: GuessedPassage?) throws
        -> PassageFinding
    {
        try database.transaction(.readOnly) { try $0.finding(found, search, guess) }
    }
}
