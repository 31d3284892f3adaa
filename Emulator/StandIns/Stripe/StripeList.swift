/// Lists, and what is counted over them.
enum StripeList {
    /// https://docs.stripe.com/api/pagination: the newest first, ten unless told.
    static func page(
        _ objects: [JSON], _ parameters: JSON, at url: String, equal filters: [String] = []
    ) throws(StripeProblem) -> JSON {
        let matching = objects.filter { object in
            filters.allSatisfy { parameters[$0].isNull || parameters[$0] == object[$0] }
        }
        let limit = parameters["limit"].integer ?? 10
        if let before = parameters["ending_before"].string {
            let index = try index(of: before, in: matching, parameter: "ending_before")
            let newer = matching[..<index]
            return list(newer.suffix(limit), more: newer.count > limit, at: url)
        }
        var older = matching[...]
        if let after = parameters["starting_after"].string {
            older = older.dropFirst(try index(of: after, in: matching, parameter: "starting_after") + 1)
        }
        return list(older.prefix(limit), more: older.count > limit, at: url)
    }

    static func list(_ objects: some Sequence<JSON>, more: Bool, at url: String) -> JSON {
        ["object": "list", "data": .array(Array(objects)), "has_more": .bool(more), "url": .string(url)]
    }

    private static func index(
        of id: String, in objects: [JSON], parameter: String
    ) throws(StripeProblem) -> Int {
        guard let index = objects.firstIndex(where: { $0["id"].string == id }) else {
            throw .missing("object", id, parameter: parameter)
        }
        return index
    }

    static func events(_ parameters: JSON, _ work: StripeWork) throws(StripeProblem) -> JSON {
        let types = parameters["types"].elements + (parameters["type"].isNull ? [] : [parameters["type"]])
        let events = work.all("event").filter { event in
            let isDelivered = event["pending_webhooks"].integer == 0
            let (made, span) = (event["created"].integer ?? 0, parameters["created"])
            return (types.isEmpty || types.contains { matches($0, event["type"]) })
                && made >= span["gte"].integer ?? .min && made > span["gt"].integer ?? .min
                && made <= span["lte"].integer ?? .max && made < span["lt"].integer ?? .max
                && (parameters["delivery_success"].bool.map { $0 == isDelivered } ?? true)
        }
        return try page(events, parameters, at: "/v1/events")
    }

    /// `charge.*` is every type that begins so.
    private static func matches(_ pattern: JSON, _ type: JSON) -> Bool {
        guard let pattern = pattern.string, let type = type.string else { return false }
        return pattern.hasSuffix("*") ? type.hasPrefix(pattern.dropLast()) : pattern == type
    }

    /// What was charged less what was given back and what banks have taken, without fees, in each currency.
    static func balance(_ work: StripeWork) -> JSON {
        var totals: [String: Int] = [:]
        for charge in work.all("charge") where charge["status"] == "succeeded" {
            let kept = (charge["amount"].integer ?? 0) - (charge["amount_refunded"].integer ?? 0)
            totals[charge["currency"].string ?? "", default: 0] += kept
        }
        let amounts = totals.sorted { $0.key < $1.key }.map { currency, charged -> JSON in
            let amount = charged - StripeDispute.withdrawn(currency, work)
            return [
                "amount": .integer(amount), "currency": .string(currency),
                "source_types": ["card": .integer(amount)],
            ]
        }
        return ["object": "balance", "available": .array(amounts), "pending": [], "livemode": false]
    }

    /// Follows each path of `expand`, at most four deep, as Stripe does.
    static func expand(_ object: JSON, _ paths: [String], _ work: StripeWork) throws(StripeProblem) -> JSON {
        var object = object
        for path in paths {
            let names = path.split(separator: ".").map(String.init)
            guard !names.isEmpty, names.count <= 4 else {
                throw StripeProblem(parameter: "expand", "You cannot expand more than 4 levels: \(path)")
            }
            object = try expand(object, names[...], whole: path, work)
        }
        return object
    }

    private static let kinds = [
        "payment_intent": "payment_intent", "latest_charge": "charge", "charge": "charge",
        "customer": "customer", "payment_method": "payment_method",
    ]

    private static func expand(
        _ object: JSON, _ names: ArraySlice<String>, whole: String, _ work: StripeWork
    ) throws(StripeProblem) -> JSON {
        guard let name = names.first else { return object }
        if object["object"] == "list", name == "data" {
            var elements: [JSON] = []
            for element in object["data"].elements {
                elements.append(try expand(element, names.dropFirst(), whole: whole, work))
            }
            return object.merging(["data": .array(elements)])
        }
        if object["object"] == "checkout.session", name == "line_items", let id = object["id"].string {
            let items = work.object("line_items", id)?.elements ?? []
            return object.merging([
                name: list(items, more: false, at: "/v1/checkout/sessions/\(id)/line_items")
            ])
        }
        guard let kind = kinds[name], object.members[name] != nil else {
            throw StripeProblem(parameter: "expand", "This property cannot be expanded (\(whole)).")
        }
        let referred = object[name].string.flatMap { work.object(kind, $0) } ?? object[name]
        guard !referred.isNull else { return object }
        return object.merging([name: try expand(referred, names.dropFirst(), whole: whole, work)])
    }
}
