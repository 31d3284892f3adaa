import Core

/// One kind of thing that is left half done.
enum Sweep: String, CaseIterable {
    case signingKeys, events, lostWork, uploads, exports, payments, refunds, webhooks, missedEvents, carts,
        leaving,
        departed,
        forgotten

    /// What is found in one turn; the rest waits for the next.
    private static let most = 50

    func run(in shop: Shop) throws {
        switch self {
        case .signingKeys: try shop.refreshSigningKeys()
        case .events: try tellEvents(in: shop)
        case .lostWork: try sendLostWork(in: shop)
        case .uploads: try sweepUploads(in: shop)
        case .exports: try sweepExports(in: shop)
        case .payments: try reconcile(in: shop)
        case .refunds: try pursueRefunds(in: shop)
        case .webhooks: try settleKept(in: shop)
        case .carts:
            _ = try shop.database.transaction(.readCommitted) {
                try $0.expireGuestCarts(idleSeconds: GuestCookie.seconds, limit: Self.most)
            }
        case .missedEvents: try shop.catchUp()
        case .departed: try seeOff(in: shop)
        case .leaving:
            let gone = try shop.database.transaction(.readCommitted) { try $0.letGo(limit: Self.most) }
            if gone > 0 { log("people forgotten", ["people": gone]) }
        case .forgotten:
            _ = try shop.database.transaction(.readCommitted) { transaction in
                _ = try transaction.forgetAccess(limit: 1000)
                try transaction.forgetTurns()
                try transaction.forgetPublishedEvents(limit: 10_000)
                try transaction.forgetConsumedEvents(limit: 10_000)
                return try transaction.forgetIdempotencyKeys(olderThanSeconds: 48 * 3600)
            }
        }
    }

    /// As long as there is more and the bus takes it, for as many turns as leave the other sweeps their time.
    private func tellEvents(in shop: Shop) throws {
        for _ in 1...20 {
            guard try shop.publishEvents(limit: Self.most) == Self.most else { return }
        }
    }

    private func sendLostWork(in shop: Shop) throws {
        let (chunks, summaries, exports) = try shop.database.transaction(.readCommitted) { transaction in
            (
                try transaction.lostTranscriptionWork(idleSeconds: 60, limit: Self.most),
                try transaction.lostSummaries(idleSeconds: 60, limit: Self.most),
                try transaction.lostExports(idleSeconds: 300, limit: Self.most)
            )
        }
        for message in chunks { try shop.transcriptions.send(message.text) }
        for summary in summaries { try shop.summaries.send(summary.description) }
        for export in exports { try shop.exports.send(export.description) }
        let messages = chunks.count + summaries.count + exports.count
        if messages > 0 { log("lost work sent again", ["messages": messages]) }
    }

    private func sweepUploads(in shop: Shop) throws {
        // Longer than whoever looks at a file may take.
        let stalled = try shop.database.transaction(.readCommitted) {
            try $0.remindOfStalledUploads(idleSeconds: 900, limit: Self.most)
        }
        if stalled > 0 { log("stalled uploads told of", ["uploads": stalled]) }
        let abandoned = try shop.database.transaction(.readCommitted) {
            try $0.abandonedUploads(graceSeconds: 3600, limit: Self.most)
        }
        for upload in abandoned {
            let isGone = try shop.database.transaction(.readCommitted) { try $0.expire(upload.id) }
            if isGone { log("abandoned upload expired", ["upload": upload.id]) }
        }
        // Of those as well that were given up or rejected: nobody can send anything for them any more.
        let uncleared = try shop.database.transaction(.readCommitted) {
            try $0.unclearedUploads(graceSeconds: 3600, limit: Self.most)
        }
        for upload in uncleared { try clear(upload, in: shop) }
    }

    /// Neither parts nor an object stay of what came to nothing.
    private func clear(_ upload: Upload, in shop: Shop) throws {
        do {
            if let multipart = upload.multipart {
                try shop.multipart.abort(upload.bucket, upload.objectKey, multipart)
            }
            try shop.storage.remove(upload.bucket, upload.objectKey)
        } catch let failure as OutsideFailure {
            return log("upload not cleared", ["upload": upload.id, "reason": failure.word], level: .error)
        }
        try shop.database.transaction(.readCommitted) { try $0.noteCleared(upload.id) }
        log("upload cleared", ["upload": upload.id])
    }

    /// A day after nobody is given their address any more, whoever was is done with them.
    private func sweepExports(in shop: Shop) throws {
        let superseded = try shop.database.transaction(.readCommitted) {
            try $0.supersededExports(graceSeconds: 86_400, limit: Self.most)
        }
        for export in superseded {
            do {
                if let parts = export.multipart {
                    try shop.multipart.abort(export.bucket, export.objectKey, parts)
                }
                try shop.storage.remove(export.bucket, export.objectKey)
            } catch let failure as OutsideFailure {
                log("export not removed", ["export": export.id, "reason": failure.word], level: .error)
                continue
            }
            try shop.database.transaction(.readCommitted) { try $0.forget(export) }
            log("superseded export removed", ["export": export.id])
        }
    }

    private func reconcile(in shop: Shop) throws {
        let stale = try shop.database.transaction(.readCommitted) {
            try $0.staleAttempts(limit: Self.most)
        }
        for attempt in stale {
            // One the provider does not know any more must not hold up the others for ever.
            do { try look(at: attempt, in: shop) } catch let failure as OutsideFailure {
                log("attempt not reconciled", ["attempt": attempt.id, "reason": failure.word], level: .error)
            }
        }
        let forsaken = try shop.database.transaction(.readCommitted) {
            try $0.forsakenOrders(idleSeconds: 3600, limit: Self.most)
        }
        for order in forsaken {
            _ = try shop.database.transaction(.readCommitted) { try $0.close(order, as: .expired) }
        }
    }

    /// A payment on a page of ours has no page that closes: when its time is over, it is closed.
    private func look(at attempt: PaymentAttempt, in shop: Shop) throws {
        try shop.database.transaction(.readCommitted) { try $0.look(at: attempt.id) }
        let isOver = attempt.expiresAt.map { $0 <= shop.now() } ?? false
        if attempt.kind == .paymentIntent, attempt.state == .open, isOver {
            try shop.withdraw(attempt)
        } else {
            try shop.reconcile(attempt)
        }
    }

    private func pursueRefunds(in shop: Shop) throws {
        let undecided = try shop.database.transaction(.readCommitted) {
            try $0.undecidedRefunds(limit: Self.most)
        }
        for refund in undecided {
            do {
                if refund.state == .requested { _ = try shop.pursue(refund) } else { try shop.follow(refund) }
            } catch let failure as OutsideFailure {
                log("refund not followed", ["refund": refund.id, "reason": failure.word], level: .error)
            }
        }
    }

    /// Those who were forgotten here are forgotten by the payment provider too.
    private func seeOff(in shop: Shop) throws {
        let departed = try shop.database.transaction(.readCommitted) {
            try $0.departedCustomers(limit: Self.most)
        }
        for customer in departed {
            do {
                try shop.providerCustomers.delete(customer.id)
                try shop.database.transaction(.readCommitted) { try $0.forget(customer) }
            } catch let failure as OutsideFailure {
                log("customer not deleted yet", ["reason": failure.word], level: .error)
                try shop.database.transaction(.readCommitted) { try $0.putOff(customer) }
            }
        }
    }

    private func settleKept(in shop: Shop) throws {
        let kept = try shop.database.transaction(.readCommitted) { transaction in
            try transaction.waitingWebhookEvents(of: .stripe, idleSeconds: 30, limit: Self.most)
                + transaction.waitingWebhookEvents(of: .identity, idleSeconds: 30, limit: Self.most)
        }
        for event in kept {
            do {
                switch event.provider {
                case .stripe: try shop.settleByAsking(event)
                case .identity: try shop.acquaint(event)
                }
            } catch {
                log("webhook put off", ["event": event.id, "error": "\(error)"], level: .error)
                try shop.database.transaction(.readCommitted) { try $0.putOff(event) }
            }
        }
    }
}
