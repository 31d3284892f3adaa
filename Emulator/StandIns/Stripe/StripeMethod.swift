import Foundation

/// https://docs.stripe.com/api/payment_methods: what a customer pays by, of which the stand-in keeps what it shows and,
/// of Stripe's numbers for tests alone, what they do.
enum StripeMethod {
    static var shapes: [String: StripeShape] {
        [
            "type": .choice(CheckoutSession.methods), "metadata": .metadata,
            "card": .object(
                [
                    "number": .text(longest: 23), "exp_month": .integer(1...12),
                    "exp_year": .integer(0...9999),
                    "cvc": .text(longest: 4),
                ], required: ["number", "exp_month", "exp_year"]),
            "sepa_debit": .object(["iban": .text(longest: 40)], required: ["iban"]),
            "billing_details": .object(["email": .text(), "name": .text(), "phone": .text()]),
        ]
    }

    @Sendable static func create(
        _ input: StripeOperation.Input, _ work: inout StripeWork
    ) throws(StripeProblem) -> JSON {
        try keep(try method(in: input.parameters), &work)
    }

    @Sendable static func attach(
        _ input: StripeOperation.Input, _ work: inout StripeWork
    ) throws(StripeProblem) -> JSON {
        let customer = input.parameters["customer"].string ?? ""
        _ = try work.object("customer", customer, parameter: "customer")
        let (id, _) = try chosen(
            ["payment_method": .string(input.id)], of: .string(customer), known: .null, &work)
        return try attach(id, to: customer, &work)
    }

    @Sendable static func detach(
        _ input: StripeOperation.Input, _ work: inout StripeWork
    ) throws(StripeProblem) -> JSON {
        var method = try work.object("payment_method", input.id, parameter: "payment_method")
        guard !method["customer"].isNull else {
            throw StripeProblem(
                "The payment method you provided is not attached to a customer so detachment is impossible.")
        }
        method["customer"] = .null
        work.put(method)
        work.emit("payment_method.detached", method)
        return method
    }

    static func attach(_ id: String, to customer: String, _ work: inout StripeWork) throws(StripeProblem)
        -> JSON
    {
        var method = try work.object("payment_method", id, parameter: "payment_method")
        guard method["customer"].isNull || method["customer"].string == customer else {
            throw StripeProblem(
                "The payment method you provided has already been attached to a customer.")
        }
        let isNew = method["customer"].isNull
        method["customer"] = .string(customer)
        work.put(method)
        if isNew { work.emit("payment_method.attached", method) }
        return method
    }

    /// What a request pays by: one that is kept, one of Stripe's names for tests, or one that is typed in.
    static func chosen(
        _ given: JSON, of customer: JSON, known: JSON, _ work: inout StripeWork
    ) throws(StripeProblem) -> (id: String, method: PaymentMethod) {
        if !given["payment_method_data"].isNull {
            let method = try method(in: given["payment_method_data"])
            return (try keep(method, &work)["id"].string ?? "", method)
        }
        guard let name = given["payment_method"].string ?? known.string else {
            throw StripeProblem(
                code: "payment_intent_unexpected_state", parameter: "payment_method",
                "You cannot confirm this without a payment method.")
        }
        if let number = testNames[name] {
            let method = PaymentMethod.card(number: number, expiryMonth: 12, expiryYear: 2049)
            return (try keep(method, &work)["id"].string ?? "", method)
        }
        let object = try work.object("payment_method", name, parameter: "payment_method")
        guard object["customer"].isNull || object["customer"] == customer else {
            throw StripeProblem(
                parameter: "payment_method",
                "The payment method does not belong to the customer of this request.")
        }
        return (name, kept(object, number: work.object("test_number", name)?.string))
    }

    static func declined(
        _ code: String, _ reason: String?, _ message: String, _ about: [String: JSON]
    ) -> StripeProblem {
        var problem = StripeProblem(status: 402, type: "card_error", code: code, message)
        (problem.declineCode, problem.isKept, problem.about) = (reason, true, about)
        return problem
    }

    private static func keep(_ method: PaymentMethod, _ work: inout StripeWork) throws(StripeProblem) -> JSON
    {
        let object = method.details.merging([
            "id": .string(RandomID.make("pm_1", length: 23)), "object": "payment_method",
            "billing_details": ["address": nil, "email": nil, "name": nil, "phone": nil],
            "created": .integer(work.now), "customer": nil, "livemode": false, "metadata": [:],
        ])
        work.put(object)
        if let number = method.testNumber {
            work.put(.string(number), kind: "test_number", id: object["id"].string ?? "")
        }
        return object
    }

    private static func kept(_ object: JSON, number: String?) -> PaymentMethod {
        guard object["type"] == "card" else {
            return .debit(iban: number ?? "DE00" + (object["sepa_debit"]["last4"].string ?? ""))
        }
        let card = object["card"]
        let first = ["visa": "4", "mastercard": "5", "amex": "3"][card["brand"].string ?? ""] ?? "9"
        return .card(
            number: number ?? first + "00000000000" + (card["last4"].string ?? ""),
            expiryMonth: card["exp_month"].integer ?? 1, expiryYear: card["exp_year"].integer ?? 2049)
    }

    private static func method(in given: JSON) throws(StripeProblem) -> PaymentMethod {
        if given["type"] == "sepa_debit" {
            let iban = (given["sepa_debit"]["iban"].string ?? "").filter { !$0.isWhitespace }.uppercased()
            guard PaymentMethod.isIBAN(iban) else {
                throw StripeProblem(
                    code: "invalid_iban", parameter: "sepa_debit[iban]", "The IBAN is invalid.")
            }
            return .debit(iban: iban)
        }
        let card = given["card"]
        let number = (card["number"].string ?? "").filter { !$0.isWhitespace }
        guard PaymentMethod.isCardNumber(number) else {
            var problem = StripeProblem(
                status: 402, type: "card_error", code: "incorrect_number", parameter: "number",
                "Your card number is incorrect.")
            problem.isKept = false
            throw problem
        }
        let year = card["exp_year"].integer ?? 0
        return .card(
            number: number, expiryMonth: card["exp_month"].integer ?? 0,
            expiryYear: year < 100 ? 2000 + year : year)
    }

    /// https://docs.stripe.com/testing?testing-method=payment-methods
    private static let testNames = [
        "pm_card_visa": "4242424242424242", "pm_card_mastercard": "5555555555554444",
        "pm_card_amex": "378282246310005", "pm_card_visa_chargeDeclined": "4000000000000002",
        "pm_card_chargeDeclined": "4000000000000002",
        "pm_card_visa_chargeDeclinedInsufficientFunds": "4000000000009995",
        "pm_card_authenticationRequired": "4000002500003155", "pm_card_createDispute": "4000000000000259",
        "pm_card_createDisputeProductNotReceived": "4000000000002685",
        "pm_card_createDisputeInquiry": "4000000000001976",
        "pm_card_createIssuerFraudRecord": "4000000000005423", "pm_card_pendingRefund": "4000000000007726",
        "pm_card_refundFail": "4000000000005126",
    ]
}
