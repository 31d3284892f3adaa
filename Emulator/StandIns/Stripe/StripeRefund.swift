/// https://docs.stripe.com/api/refunds.
enum StripeRefund {
    static var shapes: [String: StripeShape] {
        [
            "charge": .text(), "payment_intent": .text(), "amount": .integer(1...99_999_999),
            "metadata": .metadata, "reason": .choice(["duplicate", "fraudulent", "requested_by_customer"]),
        ]
    }

    @Sendable static func create(
        _ input: StripeOperation.Input, _ work: inout StripeWork
    ) throws(StripeProblem) -> JSON {
        let given = input.parameters
        var charge = try charge(given, work)
        let id = charge["id"].string ?? ""
        let left = (charge["amount"].integer ?? 0) - (charge["amount_refunded"].integer ?? 0)
        guard charge["status"] == "succeeded" else {
            throw StripeProblem(
                parameter: "charge", "This charge (\(id)) was not paid, so it cannot be refunded.")
        }
        if work.all("dispute").contains(where: {
            $0["charge"] == charge["id"] && $0["is_charge_refundable"] == false
        }) {
            throw StripeProblem(
                code: "charge_disputed", "Charge \(id) has been charged back; cannot issue a refund.")
        }
        guard left > 0 else {
            throw StripeProblem(code: "charge_already_refunded", "Charge \(id) has already been refunded.")
        }
        let amount = given["amount"].integer ?? left
        guard amount <= left else {
            let currency = charge["currency"].string.flatMap(StripeCurrency.init)
            let written = { (amount: Int) in currency?.written(amount) ?? String(amount) }
            throw StripeProblem(
                parameter: "amount",
                "Refund amount (\(written(amount))) is greater than unrefunded amount on charge "
                    + "(\(written(left)))")
        }
        let manner =
            work.object("refunding", id)?.string.flatMap(PaymentMethod.RefundOutcome.init) ?? .succeeds
        let refund = make(amount, of: charge, given, isPending: manner == .succeedsLater, work)
        work.put(refund)
        note(amount, in: &charge)
        work.put(charge)
        work.emit("refund.created", refund)
        work.emit("charge.refunded", charge)
        if manner != .succeeds {
            work.put(
                ["due": .integer(work.now), "well": .bool(manner == .succeedsLater)], kind: "refund_end",
                id: refund["id"].string ?? "")
        }
        return refund
    }

    /// A pending refund succeeds; one that had succeeded fails, and the charge is as if it had never been.
    static func end(_ id: String, _ plan: JSON, _ work: inout StripeWork) {
        work.put(plan.merging(["due": nil]), kind: "refund_end", id: id)
        guard var refund = work.object("refund", id), let chargeID = refund["charge"].string,
            var charge = work.object("charge", chargeID)
        else { return }
        if plan["well"] == true {
            refund["status"] = "succeeded"
            refund["pending_reason"] = .null
            work.put(refund)
        } else {
            refund = refund.merging(["status": "failed", "failure_reason": "expired_or_canceled_card"])
            work.put(refund)
            note(-(refund["amount"].integer ?? 0), in: &charge)
            work.put(charge)
            work.emit("refund.failed", refund)
        }
        work.emit("refund.updated", refund)
        work.emit("charge.refund.updated", refund)
    }

    @Sendable static func update(
        _ input: StripeOperation.Input, _ work: inout StripeWork
    ) throws(StripeProblem) -> JSON {
        var refund = try work.object("refund", input.id, parameter: "refund")
        let added = input.parameters["metadata"].members.filter { $0.value != "" }
        let kept = refund["metadata"].members.filter { input.parameters["metadata"][$0.key] != "" }
        refund["metadata"] = JSON.object(kept).merging(added)
        work.put(refund)
        work.emit("refund.updated", refund)
        return refund
    }

    /// Only while the customer must do something for it, which no test card asks: so it is always refused.
    @Sendable static func cancel(
        _ input: StripeOperation.Input, _ work: inout StripeWork
    ) throws(StripeProblem) -> JSON {
        let refund = try work.object("refund", input.id, parameter: "refund")
        throw StripeProblem(
            "Only refunds in the requires_action status can be canceled; this one is "
                + "\(refund["status"].string ?? "").")
    }

    private static func charge(_ given: JSON, _ work: StripeWork) throws(StripeProblem) -> JSON {
        switch (given["charge"].string, given["payment_intent"].string) {
        case (.some, .some):
            throw StripeProblem(
                parameter: "payment_intent",
                "You may only specify one of these parameters: charge, payment_intent.")
        case (.some(let id), nil): return try work.object("charge", id, parameter: "charge")
        case (nil, .some(let id)):
            let intent = try work.object("payment_intent", id, parameter: "payment_intent")
            guard intent["status"] == "succeeded", let charge = intent["latest_charge"].string else {
                throw StripeProblem(
                    parameter: "payment_intent",
                    "This PaymentIntent (\(id)) does not have a successful charge to refund.")
            }
            return try work.object("charge", charge, parameter: "charge")
        case (nil, nil):
            throw StripeProblem(
                code: "parameter_missing", parameter: "payment_intent",
                "One of the following params should be provided for this request: payment_intent or charge.")
        }
    }

    private static func note(_ amount: Int, in charge: inout JSON) {
        let refunded = (charge["amount_refunded"].integer ?? 0) + amount
        charge["amount_refunded"] = .integer(refunded)
        charge["refunded"] = .bool(refunded == charge["amount"].integer)
    }

    private static func make(
        _ amount: Int, of charge: JSON, _ given: JSON, isPending: Bool, _ work: StripeWork
    ) -> JSON {
        [
            "id": .string(RandomID.make("re_3", length: 23)), "object": "refund", "amount": .integer(amount),
            "balance_transaction": nil, "charge": charge["id"], "created": .integer(work.now),
            "currency": charge["currency"], "destination_details": ["type": "card"],
            "metadata": given["metadata"].isNull ? [:] : given["metadata"],
            "payment_intent": charge["payment_intent"],
            "pending_reason": isPending ? "processing" : nil, "reason": given["reason"],
            "receipt_number": nil, "source_transfer_reversal": nil,
            "status": isPending ? "pending" : "succeeded", "transfer_reversal": nil,
        ]
    }
}
