internal import Bookshop
internal import Lambda
internal import Postgres
internal import Records
internal import Stripe

extension TransactionWatcher {
    /// Each transaction is a span of the event under way.
    static var tracing: TransactionWatcher {
        TransactionWatcher(header: { Trace.context?.header }, isRecording: { Trace.isRecorded }) { report in
            var attributes: [String: TraceValue] = [
                "db.system.name": .text("postgresql"), "db.statements": .number(report.statementCount),
                "db.query.summary": .text(report.statements.joined(separator: "; ")),
            ]
            if report.attempts > 1 { attributes["db.attempts"] = .number(report.attempts) }
            Trace.add("transaction", .client, attributes, took: report.took, fault: report.state)
        }
    }
}

extension Shop {
    /// Acts on what the provider tells as a part of the trace in which its payment was asked for: the
    /// provider knows nothing of ours, so it is kept with the attempt. The event by which it came is linked.
    func continuing<Value>(_ event: Stripe.Event, _ body: () throws -> Value) throws -> Value {
        guard let told = Trace.context, let attempt = event.attempt else { return try body() }
        let header = try database.transaction(.readOnly) { try $0.traceHeader(of: attempt) }
        guard let origin = header.flatMap(TraceContext.init(header:)), origin.trace != told.trace else {
            return try body()
        }
        return try Trace.span(
            "settle \(event.record.type)", .consumer, below: origin, links: [told], body)
    }
}

extension Stripe.Event {
    /// The attempt it names itself.
    fileprivate var attempt: PaymentAttempt.ID? {
        switch subject {
        case .checkoutSession(_, let session): session.attempt
        case .paymentIntent(_, let intent): intent.attempt
        default: nil
        }
    }
}
