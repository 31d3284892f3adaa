internal import Bookshop

extension [Segment] {
    /// Nobody hears where a paragraph ends. A longer pause may be one, and a screen full of text is to have some: then
    /// behind the next sentence.
    func paragraphs() -> [[Segment]] {
        var paragraphs: [[Segment]] = []
        for phrase in self {
            if let paragraph = paragraphs.last, let last = paragraph.last,
                !ends(paragraph, last, before: phrase)
            {
                paragraphs[paragraphs.count - 1].append(phrase)
            } else {
                paragraphs.append([phrase])
            }
        }
        return paragraphs
    }

    private func ends(_ paragraph: [Segment], _ last: Segment, before next: Segment) -> Bool {
        if next.span.startMilliseconds - last.span.endMilliseconds >= 1500 { return true }
        let length = paragraph.reduce(0) { $0 + $1.text.utf8.count }
        let isSentence = last.text.last.map { ".!?…。！？".contains($0) || "\"”»’)".contains($0) } ?? false
        return length >= (isSentence ? 500 : 2000)
    }
}
