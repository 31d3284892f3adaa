import Pages

/// The form itself. Errors stand beside their fields, are announced, and take the focus.
struct PaymentPage {
    var session: JSON
    var items: [JSON]
    var form: PaymentForm
    /// Why the last try was refused.
    var message: String?

    var page: Page {
        let total = written(session["amount_total"])
        let isFree = session["payment_status"] == "no_payment_required"
        let back = session["cancel_url"].string.map {
            "<p><a href=\"\($0.escapedForHTML)\">Cancel and go back to the shop</a></p>"
        }
        return Page(
            title: "\(form.errors.isEmpty && message == nil ? "" : "Error: ")Pay \(total)",
            body: """
                <h1>Pay \(total.escapedForHTML)</h1>
                <p class="quiet">A stand-in for Stripe: no money moves. Card 4242 4242 4242 4242 succeeds.</p>
                \(lines)
                \(alert)
                <form method="post" novalidate>
                \(field(.email, "E-mail", "type=\"email\" autocomplete=\"email\""))
                \(isFree ? "" : methods)
                \(field(.name, "Name of the payer", "autocomplete=\"cc-name\""))
                \(countries)
                <button>\(isFree ? "Complete the order" : "Pay \(total.escapedForHTML)")</button>
                </form>
                \(back ?? "")
                """)
    }

    private func written(_ amount: JSON) -> String {
        session["currency"].string.flatMap(StripeCurrency.init)?.written(amount.integer ?? 0) ?? ""
    }

    private var lines: String {
        let rows = items.map { item in
            let count = item["quantity"].integer ?? 1
            let name = (item["description"].string ?? "").escapedForHTML + (count > 1 ? " × \(count)" : "")
            return
                "<tr><th scope=\"row\">\(name)</th><td>\(written(item["amount_total"]).escapedForHTML)</td></tr>"
        }
        return """
            <table>
            \(rows.joined(separator: "\n"))
            <tr><th scope="row">Total</th><td>\(written(session["amount_total"]).escapedForHTML)</td></tr>
            </table>
            """
    }

    private var alert: String {
        guard let message else { return "" }
        return "<p class=\"wrong\" role=\"alert\" id=\"refusal\">\(message.escapedForHTML)</p>"
    }

    private var methods: String {
        let types = session["payment_method_types"].elements.compactMap(\.string)
        let card = """
            \(field(.card, "Card number", "inputmode=\"numeric\" autocomplete=\"cc-number\""))
            <div class="pair">
            <div>
            \(field(.expiry, "Expiry (month / year)", "inputmode=\"numeric\" autocomplete=\"cc-exp\""))
            </div>
            <div>
            \(field(.cvc, "Security code", "inputmode=\"numeric\" autocomplete=\"cc-csc\""))
            </div>
            </div>
            """
        let debit = field(.iban, "IBAN", "autocomplete=\"off\"")
        guard types.count > 1 else {
            let only = types.first ?? "card"
            return "<input type=\"hidden\" name=\"method\" value=\"\(only)\">\n"
                + (only == "card" ? card : debit)
        }
        return """
            <fieldset><legend>How to pay</legend>
            \(choice("card", "Card"))
            \(choice("sepa_debit", "SEPA Direct Debit (takes some days)"))
            \(error(.method))
            </fieldset>
            <fieldset><legend>Card</legend>\(card)</fieldset>
            <fieldset><legend>SEPA Direct Debit</legend>\(debit)</fieldset>
            """
    }

    private func choice(_ value: String, _ label: String) -> String {
        let checked = form[.method] == value ? " checked" : ""
        return "<div class=\"choice\"><input type=\"radio\" name=\"method\" id=\"method-\(value)\" "
            + "value=\"\(value)\"\(checked)> <label for=\"method-\(value)\">\(label)</label></div>"
    }

    private func field(_ name: PaymentForm.Name, _ label: String, _ attributes: String) -> String {
        let isSecret = [.card, .cvc].contains(name)
        let value = isSecret ? "" : " value=\"\(form[name].escapedForHTML)\""
        return "<label for=\"\(name.rawValue)\">\(label)</label>\n<input id=\"\(name.rawValue)\" "
            + "name=\"\(name.rawValue)\" \(attributes)\(value)\(invalid(name))>\n\(error(name))"
    }

    private func invalid(_ name: PaymentForm.Name) -> String {
        guard form.errors[name] != nil else { return "" }
        let isFirst = PaymentForm.Name.allCases.first { form.errors[$0] != nil } == name
        return
            " aria-invalid=\"true\" aria-describedby=\"\(name.rawValue)-error\"\(isFirst ? " autofocus" : "")"
    }

    private func error(_ name: PaymentForm.Name) -> String {
        guard let message = form.errors[name] else { return "" }
        return "<p class=\"wrong\" id=\"\(name.rawValue)-error\">\(message.escapedForHTML)</p>"
    }

    private var countries: String {
        let options = PaymentForm.countries.map { code, name in
            "<option value=\"\(code)\"\(form[.country] == code ? " selected" : "")>\(name)</option>"
        }
        return """
            <label for="country">Country</label>
            <select id="country" name="country" autocomplete="country"\(invalid(.country))>
            <option value="">Choose</option>
            \(options.joined(separator: "\n"))
            </select>
            \(error(.country))
            """
    }

    /// The bank's page of 3-D Secure.
    static func authentication(of session: JSON) -> Page {
        let amount = session["currency"].string.flatMap(StripeCurrency.init)?
            .written(session["amount_total"].integer ?? 0)
        return Page(
            title: "Your bank asks",
            body: """
                <h1>Your bank asks whether it is you</h1>
                <p>A payment of \((amount ?? "").escapedForHTML) waits for your word. This page stands in for your \
                bank's.</p>
                <form method="post">
                <button name="decision" value="approve">Approve the payment</button>
                <button class="second" name="decision" value="fail">Refuse it</button>
                </form>
                """)
    }
}
