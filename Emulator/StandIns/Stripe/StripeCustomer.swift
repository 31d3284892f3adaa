enum StripeCustomer {
    @Sendable static func create(
        _ input: StripeOperation.Input, _ work: inout StripeWork
    ) throws(StripeProblem) -> JSON {
        let customer = make(input.parameters, work)
        work.put(customer)
        work.emit("customer.created", customer)
        return customer
    }

    /// With their ways to pay: https://docs.stripe.com/api/customers/delete.
    @Sendable static func delete(
        _ input: StripeOperation.Input, _ work: inout StripeWork
    ) throws(StripeProblem) -> JSON {
        let customer = try work.object("customer", input.id, parameter: "id")
        for var method in work.all("payment_method") where method["customer"].string == input.id {
            method["customer"] = .null
            work.put(method)
        }
        let gone: JSON = ["id": .string(input.id), "object": "customer", "deleted": true]
        work.put(gone)
        work.emit("customer.deleted", customer)
        return gone
    }

    static func make(_ given: JSON, _ work: StripeWork) -> JSON {
        [
            "id": .string(RandomID.make("cus_", length: 14)), "object": "customer", "address": nil,
            "balance": 0, "created": .integer(work.now), "currency": nil, "default_source": nil,
            "delinquent": false, "description": given["description"], "email": given["email"],
            "livemode": false, "metadata": given["metadata"].isNull ? [:] : given["metadata"],
            "name": given["name"], "phone": given["phone"], "preferred_locales": [], "shipping": nil,
            "tax_exempt": "none",
        ]
    }
}
