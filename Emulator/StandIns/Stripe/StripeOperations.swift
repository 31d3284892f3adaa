/// One operation of the v1 API: where it is, what it takes, what it does.
struct StripeOperation: Sendable {
    /// The parts in braces of the path, in order, and the checked parameters.
    struct Input {
        var identifiers: [String]
        var parameters: JSON
        var id: String { identifiers.first ?? "" }
    }

    var method: String
    var path: [String]
    var shapes: @Sendable () -> [String: StripeShape]
    var required: [String]
    var run: @Sendable (Input, inout StripeWork) throws(StripeProblem) -> JSON

    init(
        _ method: String, _ path: String,
        takes shapes: @escaping @Sendable @autoclosure () -> [String: StripeShape],
        required: [String] = [],
        run: @escaping @Sendable (Input, inout StripeWork) throws(StripeProblem) -> JSON
    ) {
        self.method = method
        self.path = path.split(separator: "/").map(String.init)
        self.shapes = shapes
        self.required = required
        self.run = run
    }

    /// Nil where this is not the operation.
    func identifiers(in method: String, _ parts: ArraySlice<String>) -> [String]? {
        guard method == self.method, parts.count == path.count else { return nil }
        var identifiers: [String] = []
        for (part, pattern) in zip(parts, path) {
            if pattern == "{}" { identifiers.append(part) } else if part != pattern { return nil }
        }
        return identifiers
    }

    /// `expand` may be given everywhere: https://docs.stripe.com/api/expanding_objects.
    func parameters(_ given: StripeParameter) throws(StripeProblem) -> JSON {
        guard case .members(let members) = given else { return [:] }
        let shapes = shapes().merging(["expand": .list(.text(), longest: 20)]) { own, _ in own }
        return try StripeShape.object(members, shapes, required: required, at: "")
    }

    static let all: [StripeOperation] =
        checkout + payments + intents + disputes + customers + methods + bookkeeping

    static let listing: [String: StripeShape] = [
        "limit": .integer(1...100), "starting_after": .text(), "ending_before": .text(),
    ]

    static func listing(_ more: [String: StripeShape]) -> [String: StripeShape] {
        listing.merging(more) { own, _ in own }
    }

    private static let checkout = [
        StripeOperation(
            "POST", "checkout/sessions", takes: CheckoutSession.shapes, required: ["mode"],
            run: CheckoutSession.create),
        StripeOperation(
            "GET", "checkout/sessions",
            takes: listing([
                "payment_intent": .text(), "customer": .text(), "status": .choice(CheckoutSession.statuses),
            ])
        ) { input, work throws(StripeProblem) in
            try StripeList.page(
                work.all("checkout.session"), input.parameters, at: "/v1/checkout/sessions",
                equal: ["payment_intent", "customer", "status"])
        },
        StripeOperation("GET", "checkout/sessions/{}", takes: [:]) { input, work throws(StripeProblem) in
            try work.object("checkout.session", input.id, parameter: "session")
        },
        StripeOperation("POST", "checkout/sessions/{}", takes: ["metadata": .metadata]) {
            input, work throws(StripeProblem) in
            var session = try work.object("checkout.session", input.id, parameter: "session")
            let added = input.parameters["metadata"].members.filter { $0.value != "" }
            let kept = session["metadata"].members.filter { input.parameters["metadata"][$0.key] != "" }
            session["metadata"] = JSON.object(kept).merging(added)
            work.put(session)
            return session
        },
        StripeOperation("POST", "checkout/sessions/{}/expire", takes: [:]) {
            input, work throws(StripeProblem) in
            try CheckoutSession.expire(input.id, &work)
        },
        StripeOperation("GET", "checkout/sessions/{}/line_items", takes: listing) {
            input, work throws(StripeProblem) in
            _ = try work.object("checkout.session", input.id, parameter: "session")
            let items = work.object("line_items", input.id)?.elements ?? []
            return try StripeList.page(
                items, input.parameters, at: "/v1/checkout/sessions/\(input.id)/line_items")
        },
    ]

    private static let payments = [
        StripeOperation("GET", "payment_intents", takes: listing(["customer": .text()])) {
            input, work throws(StripeProblem) in
            try StripeList.page(
                work.all("payment_intent"), input.parameters, at: "/v1/payment_intents", equal: ["customer"])
        },
        StripeOperation("GET", "payment_intents/{}", takes: [:]) { input, work throws(StripeProblem) in
            try work.object("payment_intent", input.id, parameter: "intent")
        },
        StripeOperation("GET", "charges", takes: listing(["payment_intent": .text(), "customer": .text()])) {
            input, work throws(StripeProblem) in
            try StripeList.page(
                work.all("charge"), input.parameters, at: "/v1/charges",
                equal: ["payment_intent", "customer"])
        },
        StripeOperation("GET", "charges/{}", takes: [:]) { input, work throws(StripeProblem) in
            try work.object("charge", input.id, parameter: "charge")
        },
        StripeOperation("POST", "refunds", takes: StripeRefund.shapes, run: StripeRefund.create),
        StripeOperation("GET", "refunds", takes: listing(["payment_intent": .text(), "charge": .text()])) {
            input, work throws(StripeProblem) in
            try StripeList.page(
                work.all("refund"), input.parameters, at: "/v1/refunds", equal: ["payment_intent", "charge"])
        },
        StripeOperation("GET", "refunds/{}", takes: [:]) { input, work throws(StripeProblem) in
            try work.object("refund", input.id, parameter: "refund")
        },
    ]

    private static let customers = [
        StripeOperation(
            "POST", "customers",
            takes: [
                "email": .text(longest: 512), "name": .text(longest: 256), "description": .text(),
                "phone": .text(),
                "metadata": .metadata,
            ], run: StripeCustomer.create),
        StripeOperation("GET", "customers", takes: listing(["email": .text()])) {
            input, work throws(StripeProblem) in
            try StripeList.page(
                work.all("customer").filter { $0["deleted"].bool != true }, input.parameters,
                at: "/v1/customers", equal: ["email"])
        },
        StripeOperation("GET", "customers/{}", takes: [:]) { input, work throws(StripeProblem) in
            guard let customer = work.object("customer", input.id) else {
                throw .missing("customer", input.id, parameter: "id")
            }
            return customer
        },
        StripeOperation("DELETE", "customers/{}", takes: [:], run: StripeCustomer.delete),
    ]

    private static let bookkeeping = [
        StripeOperation(
            "GET", "events",
            takes: listing([
                "type": .text(), "types": .list(.text(), longest: 20), "delivery_success": .flag,
                "created": .object(
                    Dictionary(
                        uniqueKeysWithValues: ["gt", "gte", "lt", "lte"].map {
                            ($0, .integer(0...99_999_999_999))
                        })),
            ])
        ) { input, work throws(StripeProblem) in try StripeList.events(input.parameters, work) },
        StripeOperation("GET", "events/{}", takes: [:]) { input, work throws(StripeProblem) in
            try work.object("event", input.id, parameter: "id")
        },
        StripeOperation("GET", "balance", takes: [:]) { _, work in StripeList.balance(work) },
    ]
}
