/// https://docs.stripe.com/api/payment_intents, for those that are not of a Checkout Session.
enum StripeIntent {
    static var shapes: [String: StripeShape] {
        confirmation.merging([
            "amount": .integer(1...99_999_999), "currency": .currency, "customer": .text(),
            "metadata": .metadata,
            "description": .text(longest: 1000), "receipt_email": .text(longest: 800), "confirm": .flag,
            "payment_method_types": .list(.choice(CheckoutSession.methods), longest: 2),
            "automatic_payment_methods": .object(
                ["enabled": .flag, "allow_redirects": .choice(["always", "never"])], required: ["enabled"]),
            "statement_descriptor": .text(longest: 22), "statement_descriptor_suffix": .text(longest: 22),
        ]) { own, _ in own }
    }

    static var confirmation: [String: StripeShape] {
        [
            "payment_method": .text(),
            "payment_method_data": .object(StripeMethod.shapes, required: ["type"]),
            "return_url": .address, "off_session": .flag,
            "setup_future_usage": .choice(["on_session", "off_session"]), "client_secret": .text(),
        ]
    }

    @Sendable static func create(
        _ input: StripeOperation.Input, _ work: inout StripeWork
    ) throws(StripeProblem) -> JSON {
        let given = input.parameters
        guard let currency = given["currency"].string.flatMap(StripeCurrency.init),
            let amount = given["amount"].integer
        else {
            throw StripeProblem(
                code: "parameter_missing", parameter: "amount", "Missing required param: amount.")
        }
        if let refusal = currency.refusal(of: amount) {
            throw StripeProblem(code: "parameter_invalid_integer", parameter: "amount", refusal)
        }
        guard amount >= currency.minimum else {
            throw StripeProblem(
                code: "amount_too_small", parameter: "amount",
                "Amount must be at least \(currency.written(currency.minimum))")
        }
        if let customer = given["customer"].string {
            _ = try work.object("customer", customer, parameter: "customer")
        }
        let types: JSON = currency.code == "eur" ? ["card", "sepa_debit"] : ["card"]
        let intent = blank(
            given.merging([
                "payment_method_types": given["payment_method_types"].isNull
                    ? types : given["payment_method_types"]
            ]), work)
        work.put(intent)
        work.emit("payment_intent.created", intent)
        guard given["confirm"] == true else { return intent }
        return try confirm(intent, given, &work)
    }

    @Sendable static func confirm(
        _ input: StripeOperation.Input, _ work: inout StripeWork
    ) throws(StripeProblem) -> JSON {
        let intent = try work.object("payment_intent", input.id, parameter: "intent")
        let status = intent["status"].string ?? ""
        guard status.hasPrefix("requires_"), intent["next_action"].isNull else {
            throw unexpected("confirm", intent)
        }
        return try confirm(intent, input.parameters, &work)
    }

    @Sendable static func cancel(
        _ input: StripeOperation.Input, _ work: inout StripeWork
    ) throws(StripeProblem) -> JSON {
        var intent = try work.object("payment_intent", input.id, parameter: "intent")
        guard intent["status"].string?.hasPrefix("requires_") == true else {
            throw unexpected("cancel", intent)
        }
        intent = intent.merging([
            "status": "canceled", "canceled_at": .integer(work.now), "next_action": nil,
            "cancellation_reason": input.parameters["cancellation_reason"],
        ])
        work.put(intent)
        work.emit("payment_intent.canceled", intent)
        return intent
    }

    /// The bank's page said yes or no.
    static func authenticate(_ id: String, approved: Bool, _ work: inout StripeWork) -> Bool {
        guard var intent = work.object("payment_intent", id), intent["status"] == "requires_action",
            let details = work.object("authenticating", id)
        else { return false }
        intent["next_action"] = .null
        if approved {
            StripePayment.succeed(&intent, .null, details: details, refunds: .succeeds, &work)
        } else {
            StripePayment.fail(
                &intent, details: details, code: "payment_intent_authentication_failure", reason: nil,
                "We are unable to authenticate your payment method.", &work)
        }
        return true
    }

    static func blank(_ asked: JSON, _ work: StripeWork) -> JSON {
        let id = RandomID.make("pi_3", length: 23)
        return [
            "id": .string(id), "object": "payment_intent", "amount": asked["amount"],
            "amount_capturable": 0, "amount_details": ["tip": [:]], "amount_received": 0,
            "automatic_payment_methods": asked["automatic_payment_methods"], "canceled_at": nil,
            "cancellation_reason": nil, "capture_method": "automatic_async",
            "client_secret": .string(RandomID.make("\(id)_secret_", length: 25)),
            "confirmation_method": "automatic", "created": .integer(work.now),
            "currency": asked["currency"], "customer": asked["customer"], "description": asked["description"],
            "last_payment_error": nil, "latest_charge": nil, "livemode": false,
            "metadata": asked["metadata"].isNull ? [:] : asked["metadata"], "next_action": nil,
            "payment_method": nil, "payment_method_options": [:],
            "payment_method_types": asked["payment_method_types"], "processing": nil,
            "receipt_email": asked["receipt_email"], "setup_future_usage": asked["setup_future_usage"],
            "shipping": nil, "statement_descriptor": asked["statement_descriptor"],
            "statement_descriptor_suffix": asked["statement_descriptor_suffix"],
            "status": "requires_payment_method", "transfer_data": nil, "transfer_group": nil,
        ]
    }

    private static func confirm(
        _ intent: JSON, _ given: JSON, _ work: inout StripeWork
    ) throws(StripeProblem) -> JSON {
        var intent = intent
        let (id, method) = try StripeMethod.chosen(
            given, of: intent["customer"], known: intent["payment_method"], &work)
        intent["payment_method"] = .string(id)
        intent["last_payment_error"] = .null
        switch method.outcome {
        case .succeeds:
            StripePayment.succeed(
                &intent, .null, details: method.details, refunds: method.refundOutcome,
                then: method.aftermath,
                &work)
        case .declined(let code, let reason, let message):
            StripePayment.fail(&intent, details: method.details, code: code, reason: reason, message, &work)
            throw StripeMethod.declined(code, reason, message, ["payment_intent": intent])
        case .asksForAuthentication:
            let name = intent["id"].string ?? ""
            intent["status"] = "requires_action"
            intent["next_action"] = [
                "type": "redirect_to_url",
                "redirect_to_url": [
                    "url": .string("\(work.address)/c/authenticate/\(name)"),
                    "return_url": given["return_url"],
                ],
            ]
            work.put(intent)
            work.put(method.details, kind: "authenticating", id: name)
            work.emit("payment_intent.requires_action", intent)
        case .settlesLater(let well):
            intent["status"] = "processing"
            work.put(intent)
            work.put(
                [
                    "due": .integer(work.now + work.settlementSeconds), "well": .bool(well),
                    "method": method.details, "session": nil,
                ], kind: "settlement", id: intent["id"].string ?? "")
            work.emit("payment_intent.processing", intent)
        }
        return intent
    }

    private static func unexpected(_ deed: String, _ intent: JSON) -> StripeProblem {
        var problem = StripeProblem(
            code: "payment_intent_unexpected_state",
            "You cannot \(deed) this PaymentIntent because it has a status of \(intent["status"].string ?? "")."
        )
        problem.about = ["payment_intent": intent]
        return problem
    }
}
