import Core
import Pages

/// A receipt as a page: whole in itself, in any script, and fit to be printed.
struct ReceiptPage {
    private let words: ReceiptWords

    init(_ receipt: Receipt) { words = ReceiptWords(receipt: receipt) }

    var html: String {
        """
        <!doctype html>
        <html lang="en">
        <head>
        <meta charset="utf-8">
        <meta name="viewport" content="width=device-width, initial-scale=1">
        <title>\(words.title.escapedForHTML) · \(words.receipt.seller.name.escapedForHTML)</title>
        <style>\(style)</style>
        </head>
        <body>
        <main>
        <header><h1>\(words.title.escapedForHTML)</h1><address>\(seller)</address></header>
        <dl>\(facts)</dl>
        <table>
        <thead><tr><th scope="col">Audiobook</th><th scope="col">Price</th></tr></thead>
        <tbody>
        \(lines)
        </tbody>
        <tfoot>
        \(sums)
        </tfoot>
        </table>
        \(waiver)</main>
        </body>
        </html>

        """
    }

    private var seller: String { words.seller.map(\.escapedForHTML).joined(separator: "<br>") }

    private var facts: String {
        words.facts.map { "<dt>\($0.name)</dt><dd dir=\"auto\">\($0.value.escapedForHTML)</dd>" }.joined()
    }

    private var lines: String {
        words.order.lines.map { line in
            let notes = words.notes(on: line).map { "<br><small dir=\"auto\">\($0.escapedForHTML)</small>" }
                .joined()
            return
                "<tr><td><span dir=\"auto\">\(line.title.escapedForHTML)</span>\(notes)</td><td>\(line.total)</td></tr>"
        }.joined(separator: "\n")
    }

    private var sums: String {
        let sums = words.sums.map { sum in
            "<tr\(sum.isTotal ? " class=\"total\"" : "")><th scope=\"row\">\(sum.name)</th><td>\(sum.value)</td></tr>"
        }
        let payments = words.payments.map { payment in
            "<tr class=\"payment\"><th scope=\"row\">\(payment.name)</th><td>\(payment.value)</td></tr>"
        }
        return (sums + payments).joined(separator: "\n")
    }

    private var waiver: String { words.waiver.map { "<p>\($0.escapedForHTML)</p>\n" } ?? "" }

    private let style = """
        body{font:16px/1.5 system-ui,sans-serif;color:#111;background:#fff;margin:0}
        main{max-width:42rem;margin:0 auto;padding:2rem 1rem}
        header{display:flex;justify-content:space-between;gap:2rem}
        h1{font-size:1.6rem;margin:0}address{font-style:normal;text-align:right}
        dl{display:grid;grid-template-columns:max-content 1fr;gap:.2rem 1rem}dd{margin:0;overflow-wrap:anywhere}
        table{width:100%;border-collapse:collapse;margin:1.5rem 0}
        th,td{text-align:left;font-weight:normal;padding:.4rem 0;vertical-align:top}
        td:last-child,th:last-child{text-align:right;white-space:nowrap;padding-left:1rem}
        thead th{border-bottom:1px solid #111;font-weight:bold}tbody td{border-bottom:1px solid #ccc}
        tfoot th{text-align:right}tfoot td{text-align:right}.total>*{font-weight:bold}
        small,p{color:#444}thead{display:table-header-group}tr{break-inside:avoid}
        @media print{main{max-width:none;padding:0}}
        """
}
