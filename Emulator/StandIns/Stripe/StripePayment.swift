/// What happens once a buyer confirms on the hosted page: payment intent, charge, session, in that order.
enum StripePayment {
    enum Outcome: Hashable, Sendable {
        case completed
        case declined(String)
        case authenticationNeeded
    }

    struct Buyer: Hashable, Sendable {
        var email: String
        var name: String
        var country: String
    }

    /// `session` is open and has an amount due.
    static func confirm(
        _ session: JSON, by buyer: Buyer, with method: PaymentMethod, settlingAfter seconds: Int,
        _ work: inout StripeWork
    ) -> Outcome {
        var session = session
        var intent = intent(of: session, work)
        let isFirst = session["payment_intent"].isNull
        session["payment_intent"] = intent["id"]
        session["customer_details"] = details(of: buyer)
        work.put(session)
        intent["payment_method"] = .string(RandomID.make("pm_1", length: 23))
        if isFirst { work.emit("payment_intent.created", intent) }
        switch method.outcome {
        case .succeeds:
            succeed(&intent, session, with: method, &work)
            complete(session, paid: true, &work)
            return .completed
        case .declined(let code, let reason, let message):
            decline(&intent, session, with: method, code: code, reason: reason, message, &work)
            return .declined(message)
        case .asksForAuthentication:
            intent["status"] = "requires_action"
            intent["next_action"] = [
                "type": "redirect_to_url",
                "redirect_to_url": [
                    "url": .string("\(session["url"].string ?? "")/authenticate"), "return_url": nil,
                ],
            ]
            work.put(intent)
            work.put(method.details, kind: "authenticating", id: intent["id"].string ?? "")
            work.emit("payment_intent.requires_action", intent)
            return .authenticationNeeded
        case .settlesLater(let well):
            intent["status"] = "processing"
            work.put(intent)
            work.put(
                [
                    "due": .integer(work.now + seconds), "well": .bool(well), "method": method.details,
                    "session": session["id"],
                ], kind: "settlement", id: intent["id"].string ?? "")
            work.emit("payment_intent.processing", intent)
            complete(session, paid: false, &work)
            return .completed
        }
    }

    /// The bank's page said yes or no.
    static func authenticate(_ session: JSON, approved: Bool, _ work: inout StripeWork) -> Outcome? {
        guard let id = session["payment_intent"].string, var intent = work.object("payment_intent", id),
            intent["status"] == "requires_action", let method = work.object("authenticating", id)
        else { return nil }
        intent["next_action"] = .null
        guard approved else {
            let message =
                "We are unable to authenticate your payment method. Please choose a different "
                + "payment method and try again."
            intent["status"] = "requires_payment_method"
            intent["last_payment_error"] = [
                "type": "invalid_request_error", "code": "payment_intent_authentication_failure",
                "message": .string(message),
            ]
            work.put(intent)
            work.emit("payment_intent.payment_failed", intent)
            return .declined(message)
        }
        succeed(&intent, session, details: method, refunds: .succeeds, &work)
        complete(session, paid: true, &work)
        return .completed
    }

    /// A delayed method's money came, or did not.
    static func settle(_ intentID: String, _ settlement: JSON, _ work: inout StripeWork) {
        work.put(settlement.merging(["due": nil]), kind: "settlement", id: intentID)
        guard var intent = work.object("payment_intent", intentID), intent["status"] == "processing"
        else { return }
        // None where it was paid on a page of the shop's own.
        var session = settlement["session"].string.flatMap { work.object("checkout.session", $0) } ?? .null
        if settlement["well"] == true {
            succeed(&intent, session, details: settlement["method"], refunds: .succeeds, &work)
            guard !session.isNull else { return }
            session["payment_status"] = "paid"
            work.put(session)
            work.emit("checkout.session.async_payment_succeeded", session)
        } else {
            fail(
                &intent, details: settlement["method"], code: "payment_intent_payment_attempt_failed",
                reason: nil, "The payment failed.", &work)
            guard !session.isNull else { return }
            work.emit("checkout.session.async_payment_failed", session)
        }
    }

    /// Nothing is due: the buyer only says yes.
    static func acceptForNothing(_ session: JSON, by buyer: Buyer, _ work: inout StripeWork) {
        complete(session.merging(["customer_details": details(of: buyer)]), paid: true, &work)
    }

    private static func details(of buyer: Buyer) -> JSON {
        [
            "email": .string(buyer.email), "name": .string(buyer.name), "phone": nil, "tax_exempt": "none",
            "tax_ids": [],
            "address": [
                "country": .string(buyer.country), "city": nil, "line1": nil, "line2": nil,
                "postal_code": nil,
                "state": nil,
            ],
        ]
    }

    /// The session's own, or a new one: since 2022-08-01 it does not exist before the buyer confirms.
    private static func intent(of session: JSON, _ work: StripeWork) -> JSON {
        if let known = session["payment_intent"].string.flatMap({ work.object("payment_intent", $0) }) {
            return known
        }
        let asked = work.object("payment_intent_data", session["id"].string ?? "") ?? [:]
        return StripeIntent.blank(
            asked.merging([
                "amount": session["amount_total"], "currency": session["currency"],
                "customer": session["customer"], "payment_method_types": session["payment_method_types"],
            ]), work)
    }

    private static func succeed(
        _ intent: inout JSON, _ session: JSON, with method: PaymentMethod, _ work: inout StripeWork
    ) {
        succeed(
            &intent, session, details: method.details, refunds: method.refundOutcome, then: method.aftermath,
            &work)
    }

    static func succeed(
        _ intent: inout JSON, _ session: JSON, details: JSON, refunds: PaymentMethod.RefundOutcome,
        then aftermath: PaymentMethod.Aftermath? = nil, _ work: inout StripeWork
    ) {
        let buyer = work.object("checkout.session", session["id"].string ?? "")?["customer_details"] ?? nil
        let charge = StripeCharge.make(of: intent, by: buyer, details: details, failure: nil, work)
        work.put(charge)
        work.put(.string(refunds.rawValue), kind: "refunding", id: charge["id"].string ?? "")
        work.emit("charge.succeeded", charge)
        intent = intent.merging([
            "status": "succeeded", "amount_received": intent["amount"], "latest_charge": charge["id"],
            "last_payment_error": nil, "next_action": nil,
        ])
        work.put(intent)
        work.emit("payment_intent.succeeded", intent)
        if let aftermath { StripeDispute.follow(charge, aftermath, &work) }
    }

    private static func decline(
        _ intent: inout JSON, _ session: JSON, with method: PaymentMethod, code: String, reason: String?,
        _ message: String, _ work: inout StripeWork
    ) {
        fail(&intent, details: method.details, code: code, reason: reason, message, &work)
    }

    static func fail(
        _ intent: inout JSON, details: JSON, code: String, reason: String?, _ message: String,
        _ work: inout StripeWork
    ) {
        let failure: JSON = ["code": .string(code), "message": .string(message), "reason": JSON(reason)]
        let charge = StripeCharge.make(of: intent, by: nil, details: details, failure: failure, work)
        work.put(charge)
        work.emit("charge.failed", charge)
        intent = intent.merging([
            "status": "requires_payment_method", "latest_charge": charge["id"],
            "last_payment_error": [
                "type": "card_error", "code": .string(code), "decline_code": JSON(reason),
                "message": .string(message), "charge": charge["id"],
            ],
        ])
        work.put(intent)
        work.emit("payment_intent.payment_failed", intent)
    }

    private static func complete(_ session: JSON, paid: Bool, _ work: inout StripeWork) {
        var session = session
        session["status"] = "complete"
        session["url"] = .null
        if paid, session["payment_status"] != "no_payment_required" { session["payment_status"] = "paid" }
        if session["customer"].isNull, session["customer_creation"] == "always" {
            let customer = StripeCustomer.make(
                ["email": session["customer_details"]["email"], "name": session["customer_details"]["name"]],
                work)
            work.put(customer)
            work.emit("customer.created", customer)
            session["customer"] = customer["id"]
        }
        work.put(session)
        work.emit("checkout.session.completed", session)
    }
}
