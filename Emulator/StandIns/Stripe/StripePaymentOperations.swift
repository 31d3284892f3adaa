/// Paying without a page of Stripe's, methods that are kept, and disputes.
extension StripeOperation {
    static let intents = [
        StripeOperation(
            "POST", "payment_intents", takes: StripeIntent.shapes, required: ["amount", "currency"],
            run: StripeIntent.create),
        StripeOperation(
            "POST", "payment_intents/{}/confirm", takes: StripeIntent.confirmation, run: StripeIntent.confirm),
        StripeOperation(
            "POST", "payment_intents/{}/cancel",
            takes: [
                "cancellation_reason": .choice([
                    "duplicate", "fraudulent", "requested_by_customer", "abandoned",
                ])
            ], run: StripeIntent.cancel),
        StripeOperation("POST", "setup_intents", takes: StripeSetup.shapes, run: StripeSetup.create),
        StripeOperation("GET", "setup_intents/{}", takes: [:]) { input, work throws(StripeProblem) in
            try work.object("setup_intent", input.id, parameter: "intent")
        },
        StripeOperation(
            "POST", "setup_intents/{}/confirm", takes: StripeSetup.confirmation, run: StripeSetup.confirm),
        StripeOperation("POST", "setup_intents/{}/cancel", takes: [:], run: StripeSetup.cancel),
    ]

    static let methods = [
        StripeOperation(
            "POST", "payment_methods", takes: StripeMethod.shapes, required: ["type"],
            run: StripeMethod.create),
        StripeOperation("GET", "payment_methods", takes: listing(["customer": .text(), "type": .text()])) {
            input, work throws(StripeProblem) in
            try StripeList.page(
                work.all("payment_method"), input.parameters, at: "/v1/payment_methods",
                equal: ["customer", "type"])
        },
        StripeOperation("GET", "payment_methods/{}", takes: [:]) { input, work throws(StripeProblem) in
            try work.object("payment_method", input.id, parameter: "payment_method")
        },
        StripeOperation(
            "POST", "payment_methods/{}/attach", takes: ["customer": .text()], required: ["customer"],
            run: StripeMethod.attach),
        StripeOperation("POST", "payment_methods/{}/detach", takes: [:], run: StripeMethod.detach),
        StripeOperation("GET", "customers/{}/payment_methods", takes: listing(["type": .text()])) {
            input, work throws(StripeProblem) in
            _ = try work.object("customer", input.id, parameter: "customer")
            let own = work.all("payment_method").filter { $0["customer"].string == input.id }
            return try StripeList.page(
                own, input.parameters, at: "/v1/customers/\(input.id)/payment_methods", equal: ["type"])
        },
    ]

    static let disputes = [
        StripeOperation("GET", "disputes", takes: listing(["charge": .text(), "payment_intent": .text()])) {
            input, work throws(StripeProblem) in
            try StripeList.page(
                work.all("dispute"), input.parameters, at: "/v1/disputes",
                equal: ["charge", "payment_intent"])
        },
        StripeOperation("GET", "disputes/{}", takes: [:]) { input, work throws(StripeProblem) in
            try work.object("dispute", input.id, parameter: "dispute")
        },
        StripeOperation("POST", "disputes/{}", takes: StripeDispute.shapes, run: StripeDispute.update),
        StripeOperation("POST", "disputes/{}/close", takes: [:], run: StripeDispute.close),
        StripeOperation("POST", "refunds/{}", takes: ["metadata": .metadata], run: StripeRefund.update),
        StripeOperation("POST", "refunds/{}/cancel", takes: [:], run: StripeRefund.cancel),
        StripeOperation(
            "GET", "radar/early_fraud_warnings",
            takes: listing(["charge": .text(), "payment_intent": .text()])
        ) { input, work throws(StripeProblem) in
            try StripeList.page(
                work.all("radar.early_fraud_warning"), input.parameters, at: "/v1/radar/early_fraud_warnings",
                equal: ["charge", "payment_intent"])
        },
    ]
}
