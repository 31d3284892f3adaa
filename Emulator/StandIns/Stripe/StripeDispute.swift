/// https://docs.stripe.com/api/disputes, and early fraud warnings: what a buyer's bank does about a charge.
enum StripeDispute {
    static var shapes: [String: StripeShape] {
        [
            "metadata": .metadata, "submit": .flag,
            "evidence": .object([
                "uncategorized_text": .text(longest: 20_000), "access_activity_log": .text(longest: 20_000),
                "customer_email_address": .text(), "customer_name": .text(), "customer_purchase_ip": .text(),
                "product_description": .text(longest: 20_000), "service_date": .text(),
                "refund_refusal_explanation": .text(longest: 20_000),
            ]),
        ]
    }

    /// What a test card makes of a charge that succeeded: https://docs.stripe.com/testing#disputes.
    static func follow(_ charge: JSON, _ aftermath: PaymentMethod.Aftermath, _ work: inout StripeWork) {
        switch aftermath {
        case .dispute: open(charge, "fraudulent", isInquiry: false, &work)
        case .notReceived: open(charge, "product_not_received", isInquiry: false, &work)
        case .inquiry: open(charge, "fraudulent", isInquiry: true, &work)
        case .fraudWarning:
            let warning: JSON = [
                "id": .string(RandomID.make("issfr_1", length: 23)), "object": "radar.early_fraud_warning",
                "actionable": true, "charge": charge["id"], "created": .integer(work.now),
                "fraud_type": "made_with_stolen_card", "livemode": false,
                "payment_intent": charge["payment_intent"],
            ]
            work.put(warning)
            work.emit("radar.early_fraud_warning.created", warning)
        }
    }

    private static func open(_ charge: JSON, _ reason: String, isInquiry: Bool, _ work: inout StripeWork) {
        var charge = charge
        charge["disputed"] = true
        work.put(charge)
        let dispute: JSON = [
            "id": .string(RandomID.make("du_1", length: 23)), "object": "dispute", "amount": charge["amount"],
            "balance_transactions": [], "charge": charge["id"], "created": .integer(work.now),
            "currency": charge["currency"], "evidence": [:],
            "evidence_details": [
                "due_by": .integer(work.now + 9 * 86_400), "has_evidence": false, "past_due": false,
                "submission_count": 0,
            ],
            "is_charge_refundable": .bool(isInquiry), "livemode": false, "metadata": [:],
            "payment_intent": charge["payment_intent"], "reason": .string(reason),
            "status": isInquiry ? "warning_needs_response" : "needs_response",
        ]
        work.put(dispute)
        work.emit("charge.dispute.created", dispute)
        if !isInquiry { move(dispute, .withdrawn, &work) }
    }

    /// `winning_evidence` wins and `losing_evidence` loses, as Stripe's sandbox has it; all else is under review.
    @Sendable static func update(
        _ input: StripeOperation.Input, _ work: inout StripeWork
    ) throws(StripeProblem) -> JSON {
        var dispute = try work.object("dispute", input.id, parameter: "dispute")
        try requireOpen(dispute)
        let given = input.parameters
        let metadata = dispute["metadata"].members.merging(given["metadata"].members) { _, new in new }
        dispute["metadata"] = .object(metadata)
        dispute["evidence"] = dispute["evidence"].merging(given["evidence"].members)
        guard given["submit"] == true || given["submit"].isNull && !given["evidence"].isNull else {
            work.put(dispute)
            return dispute
        }
        let details = dispute["evidence_details"]
        dispute["evidence_details"] = details.merging([
            "has_evidence": true,
            "submission_count": .integer((details["submission_count"].integer ?? 0) + 1),
        ])
        let isInquiry = dispute["status"].string?.hasPrefix("warning_") == true
        dispute["status"] = isInquiry ? "warning_under_review" : "under_review"
        work.put(dispute)
        work.emit("charge.dispute.updated", dispute)
        switch given["evidence"]["uncategorized_text"].string {
        case "winning_evidence":
            dispute = end(dispute, isInquiry ? "warning_closed" : "won", &work)
            if !isInquiry { move(dispute, .reinstated, &work) }
        case "losing_evidence": dispute = end(dispute, isInquiry ? "warning_closed" : "lost", &work)
        default: break
        }
        return dispute
    }

    /// Whoever closes a dispute accepts it.
    @Sendable static func close(
        _ input: StripeOperation.Input, _ work: inout StripeWork
    ) throws(StripeProblem) -> JSON {
        let dispute = try work.object("dispute", input.id, parameter: "dispute")
        try requireOpen(dispute)
        return end(dispute, "lost", &work)
    }

    /// What of a currency the banks have taken and not given back.
    static func withdrawn(_ currency: String, _ work: StripeWork) -> Int {
        work.all("dispute_funds").filter { $0["currency"].string == currency }
            .reduce(0) { $0 + ($1["amount"].integer ?? 0) }
    }

    private enum Funds: String { case withdrawn, reinstated }

    private static func move(_ dispute: JSON, _ funds: Funds, _ work: inout StripeWork) {
        let id = dispute["id"].string ?? ""
        let amount = funds == .withdrawn ? dispute["amount"] : 0
        work.put(["amount": amount, "currency": dispute["currency"]], kind: "dispute_funds", id: id)
        work.emit("charge.dispute.funds_\(funds.rawValue)", dispute)
    }

    private static func end(_ dispute: JSON, _ status: String, _ work: inout StripeWork) -> JSON {
        let ended = dispute.merging(["status": .string(status)])
        work.put(ended)
        work.emit("charge.dispute.closed", ended)
        return ended
    }

    private static func requireOpen(_ dispute: JSON) throws(StripeProblem) {
        guard let status = dispute["status"].string, !["won", "lost", "warning_closed"].contains(status)
        else {
            throw StripeProblem("This dispute is already closed")
        }
    }
}
