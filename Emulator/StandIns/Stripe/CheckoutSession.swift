/// https://docs.stripe.com/api/checkout/sessions, for `mode=payment`.
enum CheckoutSession {
    static let statuses = ["open", "complete", "expired"]
    static let methods = ["card", "sepa_debit"]
    private static let instants = 0...99_999_999_999

    static var shapes: [String: StripeShape] {
        [
            "mode": .choice(["payment"]), "ui_mode": .choice(["hosted", "hosted_page"]),
            "success_url": .address, "cancel_url": .address, "client_reference_id": .text(longest: 200),
            "metadata": .metadata, "expires_at": .integer(instants), "customer": .text(),
            "customer_email": .text(longest: 800), "customer_creation": .choice(["always", "if_required"]),
            "payment_method_types": .list(.choice(methods), longest: 2), "locale": .text(longest: 10),
            "submit_type": .choice(["auto", "book", "donate", "pay"]),
            "billing_address_collection": .choice(["auto"]), "allow_promotion_codes": .choice(["false"]),
            "automatic_tax": .object(["enabled": .choice(["false"])], required: ["enabled"]),
            "payment_intent_data": .object([
                "metadata": .metadata, "description": .text(longest: 1000),
                "receipt_email": .text(longest: 800), "statement_descriptor": .text(longest: 22),
                "statement_descriptor_suffix": .text(longest: 22),
            ]),
            "line_items": .list(
                .object(
                    [
                        "quantity": .integer(1...999_999),
                        "price_data": .object(
                            [
                                "currency": .currency, "unit_amount": .integer(),
                                "tax_behavior": .choice(["inclusive", "exclusive", "unspecified"]),
                                "product_data": .object(
                                    [
                                        "name": .text(longest: 1500), "description": .text(),
                                        "images": .list(.address, longest: 8), "metadata": .metadata,
                                    ], required: ["name"]),
                            ], required: ["currency", "unit_amount", "product_data"]),
                    ], required: ["price_data", "quantity"])),
        ]
    }

    @Sendable static func create(
        _ input: StripeOperation.Input, _ work: inout StripeWork
    ) throws(StripeProblem) -> JSON {
        let given = input.parameters
        for name in ["success_url", "line_items"] where given[name].isNull || given[name] == [] {
            throw StripeProblem(
                code: "parameter_missing", parameter: name, "Missing required param: \(name).")
        }
        let currency = try currency(of: given["line_items"])
        let items = try lineItems(given["line_items"], in: currency, work)
        let total = items.reduce(0) { $0 + ($1["amount_total"].integer ?? 0) }
        try check(total, in: currency)
        if let customer = given["customer"].string {
            _ = try work.object("customer", customer, parameter: "customer")
        }
        let id = RandomID.make("cs_test_a1", length: 56)
        var session = blank(id, given, work)
        session = session.merging([
            "amount_subtotal": .integer(total), "amount_total": .integer(total),
            "currency": .string(currency.code), "expires_at": .integer(try expiry(given, work)),
            "payment_method_types": try methodTypes(given, currency),
            "payment_status": total == 0 ? "no_payment_required" : "unpaid",
            "total_details": ["amount_discount": 0, "amount_shipping": 0, "amount_tax": 0],
        ])
        work.put(session)
        work.put(.array(items), kind: "line_items", id: id)
        // Kept apart from the session: its payment intent is made of it when the buyer confirms.
        work.put(given["payment_intent_data"], kind: "payment_intent_data", id: id)
        return session
    }

    static func expire(_ id: String, _ work: inout StripeWork) throws(StripeProblem) -> JSON {
        var session = try work.object("checkout.session", id, parameter: "session")
        guard session["status"] == "open" else {
            throw StripeProblem(
                "Only Checkout Sessions with a status in [\"open\"] can be expired. This Checkout Session "
                    + "has a status of \(session["status"].string ?? "unknown").")
        }
        session["status"] = "expired"
        session["url"] = .null
        work.put(session)
        work.emit("checkout.session.expired", session)
        return session
    }

    private static func currency(of items: JSON) throws(StripeProblem) -> StripeCurrency {
        let codes = items.elements.compactMap { $0["price_data"]["currency"].string }
        guard let first = codes.first.flatMap(StripeCurrency.init) else {
            throw StripeProblem(parameter: "line_items", "Missing required param: line_items.")
        }
        guard codes.allSatisfy({ $0 == first.code }) else {
            throw StripeProblem(
                parameter: "line_items", "All line items of a Checkout Session must have the same currency.")
        }
        return first
    }

    private static func lineItems(
        _ given: JSON, in currency: StripeCurrency, _ work: StripeWork
    ) throws(StripeProblem) -> [JSON] {
        var items: [JSON] = []
        for (index, item) in given.elements.enumerated() {
            let unit = item["price_data"]["unit_amount"].integer ?? 0
            if let refusal = currency.refusal(of: unit) {
                let parameter = "line_items[\(index)][price_data][unit_amount]"
                throw StripeProblem(code: "parameter_invalid_integer", parameter: parameter, refusal)
            }
            let amount = JSON.integer(unit * (item["quantity"].integer ?? 1))
            let product = item["price_data"]["product_data"]
            items.append([
                "id": .string(RandomID.make("li_1", length: 23)), "object": "item", "amount_discount": 0,
                "amount_subtotal": amount, "amount_tax": 0, "amount_total": amount,
                "currency": .string(currency.code), "description": product["name"],
                "metadata": [:], "quantity": item["quantity"],
                "price": [
                    "id": .string(RandomID.make("price_1", length: 23)), "object": "price", "active": false,
                    "billing_scheme": "per_unit", "created": .integer(work.now),
                    "currency": .string(currency.code), "livemode": false, "metadata": [:],
                    "product": .string(RandomID.make("prod_", length: 14)), "recurring": nil,
                    "type": "one_time", "unit_amount": .integer(unit),
                    "unit_amount_decimal": .string(String(unit)),
                ],
            ])
        }
        return items
    }

    private static func check(_ total: Int, in currency: StripeCurrency) throws(StripeProblem) {
        if total > 0, total < currency.minimum {
            throw StripeProblem(
                code: "amount_too_small",
                "The Checkout Session's total amount due must add up to at least "
                    + "\(currency.written(currency.minimum)).")
        }
        if total > 99_999_999 {
            throw StripeProblem(
                code: "amount_too_large",
                "The Checkout Session's total amount due must be no more than "
                    + "\(currency.written(99_999_999)).")
        }
    }

    private static func expiry(_ given: JSON, _ work: StripeWork) throws(StripeProblem) -> Int {
        guard let instant = given["expires_at"].integer else { return work.now + 86400 }
        guard instant >= work.now + 1800 else {
            throw StripeProblem(
                parameter: "expires_at",
                "The `expires_at` timestamp must be at least 30 minutes from Checkout Session creation.")
        }
        guard instant <= work.now + 86400 else {
            throw StripeProblem(
                parameter: "expires_at",
                "The `expires_at` timestamp must be less than 24 hours from Checkout Session creation.")
        }
        return instant
    }

    /// SEPA Direct Debit is in euro alone: https://docs.stripe.com/payments/sepa-debit.
    private static func methodTypes(
        _ given: JSON, _ currency: StripeCurrency
    ) throws(StripeProblem) -> JSON {
        let asked = given["payment_method_types"].elements
        guard !asked.isEmpty else { return currency.code == "eur" ? ["card", "sepa_debit"] : ["card"] }
        guard currency.code == "eur" || !asked.contains("sepa_debit") else {
            throw StripeProblem(
                parameter: "payment_method_types",
                "The payment method `sepa_debit` cannot be used with the currency `\(currency.code)`.")
        }
        return .array(asked)
    }

    private static func blank(_ id: String, _ given: JSON, _ work: StripeWork) -> JSON {
        let success = given["success_url"]
        let email = given["customer"].string.flatMap { work.object("customer", $0) }?["email"]
        return [
            "id": .string(id), "object": "checkout.session", "after_expiration": nil,
            "allow_promotion_codes": nil, "automatic_tax": ["enabled": false, "status": nil],
            "billing_address_collection": nil, "cancel_url": given["cancel_url"],
            "client_reference_id": given["client_reference_id"], "client_secret": nil,
            "created": .integer(work.now), "customer": given["customer"],
            "customer_creation": given["customer_creation"].isNull
                ? (given["customer"].isNull ? "if_required" : nil) : given["customer_creation"],
            "customer_details": nil,
            "customer_email": given["customer_email"].isNull
                ? (email ?? nil)
                : given["customer_email"],
            "invoice": nil, "livemode": false, "locale": given["locale"],
            "metadata": given["metadata"].isNull ? [:] : given["metadata"], "mode": "payment",
            "payment_intent": nil, "payment_link": nil, "payment_method_collection": "if_required",
            "payment_method_options": [:], "recovered_from": nil, "setup_intent": nil, "status": "open",
            "submit_type": given["submit_type"], "subscription": nil, "success_url": success,
            "ui_mode": "hosted_page", "url": .string("\(work.address)/c/pay/\(id)"),
        ]
    }
}
