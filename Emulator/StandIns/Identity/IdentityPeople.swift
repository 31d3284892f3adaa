import Cryptography
import Foundation

/// Who there is: the demo's people, and whoever came by an e-mail address. What changes of them is told to the shop.
extension IdentityLedger {
    /// All that can be signed in.
    var people: [IdentityStandIn.Person] {
        let subjects = configuration.people.map(\.subject)
        return (subjects + objects.ids(of: "person").filter { !subjects.contains($0) }).compactMap(person)
    }

    /// By username, subject or e-mail address; whoever comes with a new address is somebody new. To sign in for the
    /// first time makes the account.
    func introduced(_ name: String) throws -> IdentityStandIn.Person? {
        let name = name.trimmingCharacters(in: .whitespaces)
        let email = name.lowercased()
        let known = people.first {
            [$0.username, $0.subject].contains(name) || $0.email.lowercased() == email
        }
        if let known {
            if objects["person", known.subject] == nil {
                try write(known.subject, "user.created", email: known.email, name: known.name)
            }
            return known
        }
        guard Self.isAddress(email) else { return nil }
        let subject = freshSubject(for: email)
        try write(subject, "user.created", email: email, name: String(email.prefix { $0 != "@" }))
        return person(subject)
    }

    func person(_ subject: String) -> IdentityStandIn.Person? {
        let demo = configuration.people.first { $0.subject == subject }
        guard let value = objects["person", subject] else { return demo }
        guard value["deletedAt"].isNull, let email = value["email"].string else { return nil }
        return .init(
            username: demo?.username ?? email, subject: subject, name: value["name"].string ?? email,
            email: email,
            role: demo?.role ?? "came by e-mail address", grants: demo?.grants ?? [])
    }

    /// Nil where nobody is of this name; throws where the values cannot be theirs.
    func change(_ subject: String, email: String, name: String) throws -> IdentityStandIn.Person? {
        guard let person = person(subject) else { return nil }
        let email = email.trimmingCharacters(in: .whitespaces).lowercased()
        let name = name.trimmingCharacters(in: .whitespaces)
        guard Self.isAddress(email) else {
            throw IdentityProblem("invalid_request", "Enter a complete e-mail address.")
        }
        guard (1...200).contains(name.unicodeScalars.count) else {
            throw IdentityProblem("invalid_request", "Enter a name.")
        }
        guard !people.contains(where: { $0.subject != subject && $0.email.lowercased() == email }) else {
            throw IdentityProblem("invalid_request", "Somebody else has this address.")
        }
        guard (email, name) != (person.email, person.name) else { return person }
        let isNew = objects["person", subject] == nil
        try write(subject, isNew ? "user.created" : "user.updated", email: email, name: name)
        return self.person(subject)
    }

    /// For ever: nobody gets this subject again, and every session ends.
    func delete(_ subject: String) throws -> Bool {
        guard person(subject) != nil else { return false }
        for session in objects.ids(of: "session")
        where objects["session", session]?["subject"].string == subject {
            try end(session: session)
        }
        let data: JSON = ["deleted": true, "id": .string(subject), "object": "user"]
        try commit(subject, ["deletedAt": .integer(milliseconds)], telling: event("user.deleted", data))
        return true
    }

    private static func isAddress(_ email: String) -> Bool {
        let parts = email.split(separator: "@", omittingEmptySubsequences: false)
        return parts.count == 2 && parts.allSatisfy { !$0.isEmpty } && email.utf8.count <= 254
            && email.unicodeScalars.allSatisfy { $0.value > 32 && $0.value != 127 }
    }

    /// Made of the address, so that it is the same on every machine, until its account is deleted.
    private func freshSubject(for email: String) -> String {
        var generation = 0
        while true {
            let seed = generation == 0 ? email : "\(email)/\(generation)"
            let subject = "user_" + Hex.encoded(Array(SHA256.hash(Array(seed.utf8)).prefix(12)))
            if objects["person", subject] == nil { return subject }
            generation += 1
        }
    }

    private var milliseconds: Int { Int((configuration.now().timeIntervalSince1970 * 1000).rounded(.down)) }

    /// Each change is later than the one before, even within one millisecond.
    private func write(_ subject: String, _ type: String, email: String, name: String) throws {
        let before = objects["person", subject]
        let updatedAt = max(milliseconds, (before?["updatedAt"].integer ?? 0) + 1)
        let createdAt = before?["createdAt"].integer ?? updatedAt
        let value: JSON = [
            "email": .string(email), "name": .string(name), "createdAt": .integer(createdAt),
            "updatedAt": .integer(updatedAt),
        ]
        let words = name.split(separator: " ")
        let address = "idn_" + Hex.encoded(Array(SHA256.hash(Array("\(subject) \(email)".utf8)).prefix(12)))
        // As Clerk sends it: https://clerk.com/docs/webhooks/overview.
        let data: JSON = [
            "id": .string(subject), "object": "user", "username": nil,
            "first_name": .string(words.dropLast().isEmpty ? name : words.dropLast().joined(separator: " ")),
            "last_name": words.count > 1 ? .string(String(words[words.count - 1])) : nil,
            "created_at": .integer(createdAt), "updated_at": .integer(updatedAt),
            "primary_email_address_id": .string(address),
            "email_addresses": [
                [
                    "id": .string(address), "object": "email_address", "email_address": .string(email),
                    "verification": ["status": "verified", "strategy": "from_oauth_custom"],
                ]
            ],
            "public_metadata": [:], "banned": false, "locked": false,
        ]
        try commit(subject, value, telling: event(type, data))
    }

    private func event(_ type: String, _ data: JSON) -> JSON {
        [
            "data": data, "object": "event", "type": .string(type), "timestamp": .integer(milliseconds),
            "instance_id": "ins_earshelf_local",
            "event_attributes": ["http_request": ["client_ip": "127.0.0.1", "user_agent": "earshelf"]],
        ]
    }
}
