/// https://docs.stripe.com/api/setup_intents: a method is handed over to be kept, and nothing is paid.
enum StripeSetup {
    static var shapes: [String: StripeShape] {
        confirmation.merging([
            "customer": .text(), "metadata": .metadata, "description": .text(), "confirm": .flag,
            "usage": .choice(["on_session", "off_session"]),
            "payment_method_types": .list(.choice(CheckoutSession.methods), longest: 2),
            "automatic_payment_methods": .object(
                ["enabled": .flag, "allow_redirects": .choice(["always", "never"])], required: ["enabled"]),
        ]) { own, _ in own }
    }

    static var confirmation: [String: StripeShape] {
        [
            "payment_method": .text(),
            "payment_method_data": .object(StripeMethod.shapes, required: ["type"]),
            "return_url": .address, "client_secret": .text(),
        ]
    }

    @Sendable static func create(
        _ input: StripeOperation.Input, _ work: inout StripeWork
    ) throws(StripeProblem) -> JSON {
        let given = input.parameters
        if let customer = given["customer"].string {
            _ = try work.object("customer", customer, parameter: "customer")
        }
        let id = RandomID.make("seti_1", length: 23)
        let setup: JSON = [
            "id": .string(id), "object": "setup_intent", "application": nil,
            "automatic_payment_methods": given["automatic_payment_methods"], "cancellation_reason": nil,
            "client_secret": .string(RandomID.make("\(id)_secret_", length: 25)),
            "created": .integer(work.now),
            "customer": given["customer"], "description": given["description"], "last_setup_error": nil,
            "livemode": false, "metadata": given["metadata"].isNull ? [:] : given["metadata"],
            "next_action": nil, "payment_method": nil, "payment_method_types": ["card", "sepa_debit"],
            "status": "requires_payment_method",
            "usage": given["usage"].isNull ? "off_session" : given["usage"],
        ]
        work.put(setup)
        work.emit("setup_intent.created", setup)
        guard given["confirm"] == true else { return setup }
        return try confirm(setup, given, &work)
    }

    @Sendable static func confirm(
        _ input: StripeOperation.Input, _ work: inout StripeWork
    ) throws(StripeProblem) -> JSON {
        let setup = try work.object("setup_intent", input.id, parameter: "intent")
        guard setup["status"].string?.hasPrefix("requires_") == true else {
            throw unexpected("confirm", setup)
        }
        return try confirm(setup, input.parameters, &work)
    }

    @Sendable static func cancel(
        _ input: StripeOperation.Input, _ work: inout StripeWork
    ) throws(StripeProblem) -> JSON {
        var setup = try work.object("setup_intent", input.id, parameter: "intent")
        guard setup["status"].string?.hasPrefix("requires_") == true else {
            throw unexpected("cancel", setup)
        }
        setup["status"] = "canceled"
        work.put(setup)
        work.emit("setup_intent.canceled", setup)
        return setup
    }

    private static func confirm(
        _ setup: JSON, _ given: JSON, _ work: inout StripeWork
    ) throws(StripeProblem) -> JSON {
        var setup = setup
        let (id, method) = try StripeMethod.chosen(
            given, of: setup["customer"], known: setup["payment_method"], &work)
        if case .declined(let code, let reason, let message) = method.outcome {
            setup["last_setup_error"] = [
                "type": "card_error", "code": .string(code), "message": .string(message),
            ]
            work.put(setup)
            work.emit("setup_intent.setup_failed", setup)
            throw StripeMethod.declined(code, reason, message, ["setup_intent": setup])
        }
        if let customer = setup["customer"].string {
            _ = try StripeMethod.attach(id, to: customer, &work)
        }
        setup = setup.merging(["status": "succeeded", "payment_method": .string(id), "last_setup_error": nil])
        work.put(setup)
        work.emit("setup_intent.succeeded", setup)
        return setup
    }

    private static func unexpected(_ deed: String, _ setup: JSON) -> StripeProblem {
        var problem = StripeProblem(
            code: "setup_intent_unexpected_state",
            "You cannot \(deed) this SetupIntent because it has a status of \(setup["status"].string ?? "").")
        problem.about = ["setup_intent": setup]
        return problem
    }
}
