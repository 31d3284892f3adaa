import Core
import PDF

/// A receipt as pages of A4, as many as it takes. Each says which it is, and of how many.
struct ReceiptDocument {
    private static let left = 56.0
    private static let right = Document.width - 56
    private static let bottom = 72.0
    /// Where titles end, so that prices have room beside them.
    private static let titles = right - left - 110

    private let words: ReceiptWords
    private var document: Document
    private var y = Document.height - 72

    init(_ receipt: Receipt) {
        words = ReceiptWords(receipt: receipt)
        // `2026-07-29 12:34:56.789000+00`, of which the digits up to the second.
        let time = String(receipt.confirmedAt.sqlText.filter(\.isNumber).prefix(14))
        document = Document(
            title: "\(words.title) · \(receipt.seller.name)", language: "en", created: time)
        writeHead()
        for line in words.order.lines { write(line) }
        writeSums()
        writeFeet()
    }

    var bytes: [UInt8] { document.bytes }

    private mutating func writeHead() {
        document.write(words.title, x: Self.left, y: y, size: 20, weight: .bold)
        var height = y + 4
        for text in words.seller {
            for line in Document.lines(of: text, size: 9, within: 220) {
                document.write(line, x: Self.right, y: height, size: 9, .right, grey: 0.3)
                height -= 13
            }
        }
        y = min(y - 36, height - 10)
        for fact in words.facts {
            document.write(fact.name, x: Self.left, y: y, size: 10, grey: 0.3)
            for line in Document.lines(of: fact.value, size: 10, within: Self.right - Self.left - 60) {
                document.write(line, x: Self.left + 60, y: y, size: 10)
                y -= 15
            }
        }
        y -= 20
        writeTableHead()
    }

    private mutating func writeTableHead() {
        document.write("Audiobook", x: Self.left, y: y, size: 10, weight: .bold)
        document.write("Price", x: Self.right, y: y, size: 10, .right, weight: .bold)
        document.rule(from: Self.left, to: Self.right, y: y - 6, thickness: 1)
        y -= 24
    }

    private mutating func write(_ line: OrderLine) {
        let title = Document.lines(of: line.title, size: 10, within: Self.titles)
        let notes = words.notes(on: line).flatMap { Document.lines(of: $0, size: 8, within: Self.titles) }
        makeRoom(for: Double(title.count) * 14 + Double(notes.count) * 11 + 8, underTableHead: true)
        document.write("\(line.total)", x: Self.right, y: y, size: 10, .right)
        for text in title {
            document.write(text, x: Self.left, y: y, size: 10)
            y -= 14
        }
        for note in notes {
            document.write(note, x: Self.left, y: y + 2, size: 8, grey: 0.35)
            y -= 11
        }
        document.rule(from: Self.left, to: Self.right, y: y + 6)
        y -= 8
    }

    private mutating func writeSums() {
        makeRoom(for: Double(words.sums.count + words.payments.count) * 16 + 12)
        y -= 4
        for sum in words.sums { write(sum.name, sum.value, isTotal: sum.isTotal) }
        y -= 8
        for payment in words.payments { write(payment.name, payment.value, isTotal: false) }
        guard let waiver = words.waiver else { return }
        let lines = Document.lines(of: waiver, size: 8, within: Self.right - Self.left)
        makeRoom(for: Double(lines.count) * 12 + 16)
        y -= 16
        for line in lines {
            document.write(line, x: Self.left, y: y, size: 8, grey: 0.35)
            y -= 12
        }
    }

    private mutating func write(_ name: String, _ value: String, isTotal: Bool) {
        let weight: Document.Weight = isTotal ? .bold : .regular
        document.write(name, x: Self.right - 120, y: y, size: 10, .right, weight: weight)
        document.write(value, x: Self.right, y: y, size: 10, .right, weight: weight)
        y -= 16
    }

    private mutating func makeRoom(for height: Double, underTableHead: Bool = false) {
        guard y - height < Self.bottom else { return }
        document.beginPage()
        y = Document.height - 72
        if underTableHead { writeTableHead() }
    }

    private mutating func writeFeet() {
        let isMissing = document.isMissingCharacters
        for page in 0..<document.pageCount {
            document.write(
                "\(words.title) · page \(page + 1) of \(document.pageCount)", x: Self.right, y: 36, size: 8,
                .right,
                grey: 0.35, page: page)
            guard isMissing else { continue }
            document.write(
                "Boxes stand for characters that this file cannot show: the receipt's web page shows them.",
                x: Self.left, y: 48, size: 8, grey: 0.35, page: page)
        }
    }
}
