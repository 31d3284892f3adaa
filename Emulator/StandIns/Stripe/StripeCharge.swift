enum StripeCharge {
    /// One try of a payment intent, paid or refused.
    static func make(
        of intent: JSON, by buyer: JSON, details: JSON, failure: JSON?, _ work: StripeWork
    ) -> JSON {
        let id = RandomID.make("ch_3", length: 23)
        let hasSucceeded = failure == nil
        return [
            "id": .string(id), "object": "charge", "amount": intent["amount"],
            "amount_captured": hasSucceeded ? intent["amount"] : 0, "amount_refunded": 0,
            "balance_transaction": nil,
            "billing_details": ["address": buyer["address"], "email": buyer["email"], "name": buyer["name"]],
            "captured": .bool(hasSucceeded), "created": .integer(work.now), "currency": intent["currency"],
            "customer": intent["customer"], "description": intent["description"], "disputed": false,
            "failure_code": failure?["code"] ?? nil, "failure_message": failure?["message"] ?? nil,
            "livemode": false, "metadata": intent["metadata"],
            "outcome": [
                "network_status": hasSucceeded ? "approved_by_network" : "declined_by_network",
                "reason": failure?["reason"] ?? nil, "risk_level": "normal",
                "seller_message": hasSucceeded
                    ? "Payment complete." : "The bank did not return any further details with this decline.",
                "type": hasSucceeded ? "authorized" : "issuer_declined",
            ],
            "paid": .bool(hasSucceeded), "payment_intent": intent["id"],
            "payment_method": intent["payment_method"], "payment_method_details": details,
            "receipt_email": intent["receipt_email"], "receipt_url": nil, "refunded": false,
            "status": hasSucceeded ? "succeeded" : "failed",
        ]
    }
}
