import Core
import FoundationEssentials

/// What a receipt says, whichever form it has.
struct ReceiptWords {
    let receipt: Receipt
    var order: Order { receipt.order }

    var title: String { "Receipt \(receipt.number)" }
    /// Under the title: a name, and what it is.
    var facts: [(name: String, value: String)] {
        var facts = [
            ("Order", order.id.description), ("Date", Day(of: receipt.confirmedAt).rawValue),
        ]
        if let buyer = receipt.buyer { facts.append(("For", buyer)) }
        return facts
    }

    /// What stands under the title of a book.
    func notes(on line: OrderLine) -> [String] {
        var notes: [String] = []
        if let gift = line.gift { notes.append("A gift" + (gift.recipientName.map { " for \($0)" } ?? "")) }
        if !line.discount.isFree { notes.append("\(line.listPrice) less \(line.discount)") }
        if !line.tax.isFree { notes.append("and \(line.tax) tax") }
        return notes
    }

    var sums: [(name: String, value: String, isTotal: Bool)] {
        var sums: [(name: String, value: String, isTotal: Bool)] = []
        let isPlain = order.discount.isFree && order.tax.isFree
        if !isPlain { sums.append(("Subtotal", "\(order.subtotal)", false)) }
        if !order.discount.isFree { sums.append(("Discount", "-\(order.discount)", false)) }
        if let tax = receipt.tax, !tax.isIncluded { sums.append(("Tax \(tax.rate)", "\(tax.amount)", false)) }
        sums.append(("Total", "\(order.total)", true))
        if let tax = receipt.tax, tax.isIncluded {
            sums.append(("of which tax \(tax.rate)", "\(tax.amount)", false))
        }
        return sums
    }

    var payments: [(name: String, value: String)] {
        let payment = receipt.payment
        guard payment.status != .notRequired else { return [("Paid", "nothing was to be paid")] }
        var payments = [("Paid", "\(payment.charged)")]
        if payment.refunded.minorUnits != 0 { payments.append(("Refunded", "\(payment.refunded)")) }
        if payment.disputed.minorUnits != 0 {
            payments.append(("Held back in a dispute", "\(payment.disputed)"))
        }
        return payments
    }

    var waiver: String? {
        order.waiver.map {
            "The right of withdrawal ended with delivery, as agreed to when ordering (text \($0.textVersion))."
        }
    }

    var seller: [String] {
        [receipt.seller.name] + receipt.seller.address + (receipt.seller.taxID.map { ["Tax ID \($0)"] } ?? [])
    }
}
