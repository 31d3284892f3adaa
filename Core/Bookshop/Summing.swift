/// What a chapter brings to a summary.
public enum SummarySource: Hashable, Sendable {
    /// It was summed up already.
    case told(String)
    /// What is said in it.
    case phrases([String])
}

extension Writer {
    /// Sums up a chapter by its words, or a book by its chapters: what fits the model's context at once, and what does
    /// not part by part, and then of the parts. What it cost is told however it ends.
    public func sum(
        up sources: [SummarySource], of summary: ClaimedSummary, spending cost: inout WritingCost
    ) throws -> Writing {
        var texts: [String] = []
        for source in sources {
            switch source {
            case .told(let text): texts.append(text)
            case .phrases(let phrases):
                let parts = SummaryPrompt.parts(phrases)
                // The only part of all need not be retold before it is summed up.
                if sources.count == 1, parts.count <= 1 {
                    texts = parts
                } else {
                    texts += try retold(parts, of: summary, spending: &cost)
                }
            }
        }
        var parts = SummaryPrompt.parts(texts)
        while parts.count > 1 {
            parts = SummaryPrompt.parts(try retold(parts, of: summary, spending: &cost))
        }
        let task =
            switch summary.scope {
            case .book: SummaryPrompt.whole
            case .chapter: SummaryPrompt.chapter
            }
        return try written(
            task(parts.first ?? "", summary.title, summary.language), of: summary, spending: &cost)
    }

    private func retold(
        _ parts: [String], of summary: ClaimedSummary, spending cost: inout WritingCost
    ) throws -> [String] {
        var retold: [String] = []
        for part in parts {
            let task = SummaryPrompt.part(part, of: summary.title, language: summary.language)
            retold.append(
                String(
                    try written(task, of: summary, spending: &cost).text
                        .prefix(SummaryPrompt.maximumRetelling)))
        }
        return retold
    }

    private func written(
        _ task: WritingTask, of summary: ClaimedSummary, spending cost: inout WritingCost
    ) throws -> Writing {
        let writing = try write(task)
        cost += writing.cost
        guard !summary.language.isStrange(to: writing.text) else {
            throw OutsideFailure(
                "writer", .refused, code: Transcript.Doubt.otherLanguage.rawValue,
                reason: "what was written is not in the language \(summary.language.rawValue)")
        }
        return writing
    }
}
