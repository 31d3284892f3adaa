import Foundation
import Pages

/// The hosted payment page at `/c/pay/{session}`: plain forms, so that a browser and curl pay alike.
struct PaymentPages: Sendable {
    let ledger: StripeLedger
    let configuration: StripeStandIn.Configuration

    func answer(_ call: Call) async -> Answer {
        do {
            guard call.path.count >= 3 else { return Self.unknown }
            let id = call.path[2]
            if call.path[1] == "authenticate" { return try await authenticateIntent(id, call) }
            guard call.path[1] == "pay" else { return Self.unknown }
            switch (call.method, call.path.dropFirst(3).joined(separator: "/")) {
            case ("GET", ""): return try await show(id, rejected: call.query["rejected"] != nil)
            case ("POST", ""): return try await pay(id, call.form ?? Form())
            case ("GET", "authenticate"): return try await showAuthentication(id)
            case ("POST", "authenticate"): return try await authenticate(id, call.form ?? Form())
            case (_, ""), (_, "authenticate"):
                return .text(405, "Only GET and POST.\n").adding("allow", "GET, POST")
            default: return Self.unknown
            }
        } catch {
            let body = "<h1>Something went wrong</h1><p>Nothing was paid. \("\(error)".escapedForHTML)</p>"
            return Page(title: "Something went wrong", body: body).answer(500)
        }
    }

    private struct Situation: Sendable {
        var session: JSON
        var items: [JSON]
        var intent: JSON
    }

    private func situation(of id: String) async throws -> Situation? {
        try await ledger.perform { work in
            guard var session = work.object("checkout.session", id) else { return nil }
            if session["status"] == "open", (session["expires_at"].integer ?? 0) <= work.now {
                session = try CheckoutSession.expire(id, &work)
            }
            let intent = session["payment_intent"].string.flatMap { work.object("payment_intent", $0) }
            return Situation(
                session: session, items: work.object("line_items", id)?.elements ?? [], intent: intent ?? nil)
        }
    }

    private func show(_ id: String, rejected: Bool) async throws -> Answer {
        guard let situation = try await situation(of: id) else { return Self.unknown }
        guard situation.session["status"] == "open" else { return Self.ended(situation.session) }
        let form = PaymentForm(email: situation.session["customer_email"].string)
        let message = rejected ? situation.intent["last_payment_error"]["message"].string : nil
        return PaymentPage(session: situation.session, items: situation.items, form: form, message: message)
            .page.answer()
    }

    private func pay(_ id: String, _ submitted: Form) async throws -> Answer {
        guard let situation = try await situation(of: id) else { return Self.unknown }
        let session = situation.session
        guard session["status"] == "open" else { return Self.ended(session) }
        var form = PaymentForm(submitted)
        let methods = session["payment_method_types"].elements.compactMap(\.string)
        let isFree = session["payment_status"] == "no_payment_required"
        guard let confirmed = form.confirmed(methods: methods, isFree: isFree, now: configuration.now())
        else {
            return PaymentPage(session: session, items: situation.items, form: form, message: nil)
                .page.answer(422)
        }
        let outcome = try await ledger.perform { work -> StripePayment.Outcome? in
            // It may have been paid or expired meanwhile, from another window.
            guard let session = work.object("checkout.session", id), session["status"] == "open"
            else { return nil }
            guard let method = confirmed.method else {
                StripePayment.acceptForNothing(session, by: confirmed.buyer, &work)
                return .completed
            }
            return StripePayment.confirm(
                session, by: confirmed.buyer, with: method,
                settlingAfter: configuration.settlementSeconds, &work)
        }
        switch outcome {
        case .completed: return .seeOther(Self.destination(of: session))
        case .authenticationNeeded: return .seeOther("/c/pay/\(id.percentEncoded)/authenticate")
        case .declined(let message):
            return PaymentPage(session: session, items: situation.items, form: form, message: message)
                .page.answer(402)
        case nil: return .seeOther("/c/pay/\(id.percentEncoded)")
        }
    }

    private func showAuthentication(_ id: String) async throws -> Answer {
        guard let situation = try await situation(of: id) else { return Self.unknown }
        guard situation.session["status"] == "open", situation.intent["status"] == "requires_action" else {
            return .seeOther("/c/pay/\(id.percentEncoded)")
        }
        return PaymentPage.authentication(of: situation.session).answer()
    }

    private func authenticate(_ id: String, _ submitted: Form) async throws -> Answer {
        guard let situation = try await situation(of: id) else { return Self.unknown }
        guard ["approve", "fail"].contains(submitted["decision"]) else {
            return PaymentPage.authentication(of: situation.session).answer(422)
        }
        let outcome = try await ledger.perform { work -> StripePayment.Outcome? in
            guard let session = work.object("checkout.session", id), session["status"] == "open"
            else { return nil }
            return StripePayment.authenticate(session, approved: submitted["decision"] == "approve", &work)
        }
        switch outcome {
        case .completed: return .seeOther(Self.destination(of: situation.session))
        case .declined: return .seeOther("/c/pay/\(id.percentEncoded)?rejected=1")
        case .authenticationNeeded, nil: return .seeOther("/c/pay/\(id.percentEncoded)")
        }
    }

    /// Of a payment on a page of the shop's own, to which the buyer is led back.
    private func authenticateIntent(_ id: String, _ call: Call) async throws -> Answer {
        let intent = try await ledger.perform { work in work.object("payment_intent", id) ?? .null }
        guard intent["status"] == "requires_action" else { return Self.unknown }
        let amount: JSON = ["currency": intent["currency"], "amount_total": intent["amount"]]
        guard call.method == "POST" else { return PaymentPage.authentication(of: amount).answer() }
        guard let decision = call.form?["decision"], ["approve", "fail"].contains(decision) else {
            return PaymentPage.authentication(of: amount).answer(422)
        }
        _ = try await ledger.perform { work in
            StripeIntent.authenticate(id, approved: decision == "approve", &work)
        }
        let back = intent["next_action"]["redirect_to_url"]["return_url"].string
        guard let back else { return Page(title: "Done", body: "<h1>Go back to the shop</h1>").answer() }
        return .seeOther(back + (back.contains("?") ? "&" : "?") + "payment_intent=\(id.percentEncoded)")
    }

    /// `{CHECKOUT_SESSION_ID}` is replaced: https://docs.stripe.com/payments/checkout/custom-success-page.
    private static func destination(of session: JSON) -> String {
        (session["success_url"].string ?? "/")
            .replacing("{CHECKOUT_SESSION_ID}", with: session["id"].string ?? "")
    }

    private static func ended(_ session: JSON) -> Answer {
        guard session["status"] == "complete" else {
            let back = session["cancel_url"].string.map {
                "<p><a href=\"\($0.escapedForHTML)\">Back to the shop</a></p>"
            }
            return Page(
                title: "This page has expired",
                body: "<h1>This page has expired</h1><p>Nothing was paid. Start again from the shop.</p>"
                    + (back ?? "")
            ).answer(410)
        }
        return Page(
            title: "You are all done",
            body: "<h1>You are all done</h1><p>This payment has been made; it is not made twice.</p>"
                + "<p><a href=\"\(destination(of: session).escapedForHTML)\">Go on to the shop</a></p>"
        ).answer()
    }

    private static let unknown = Page(
        title: "There is no such payment",
        body:
            "<h1>There is no such payment</h1><p>The address may be incomplete. "
            + "Start again from the shop.</p>"
    ).answer(404)
}
