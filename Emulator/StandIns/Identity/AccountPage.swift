import Foundation
import Pages

/// An account as its owner changes or deletes it; here anybody may, as anybody may sign in.
struct AccountPage {
    var person: IdentityStandIn.Person
    var message: String?

    var page: Page {
        let address = "/people/\(person.subject.percentEncoded)"
        let wrong = message.map { "<p class=\"wrong\" role=\"alert\">\($0.escapedForHTML)</p>" } ?? ""
        return Page(
            title: message == nil ? "Account" : "Error: Account",
            body: """
                <h1>\(person.name.escapedForHTML)</h1>
                <p class="quiet">\(person.subject.escapedForHTML), \(person.role.escapedForHTML)</p>
                <form method="post" action="\(address)" novalidate>
                <label for="name">Name</label>
                <input id="name" name="name" autocomplete="name" value="\(person.name.escapedForHTML)">
                <label for="email">E-mail address</label>
                <input id="email" name="email" type="email" autocomplete="email" value="\(person.email.escapedForHTML)">
                \(wrong)
                <button>Save</button>
                </form>
                <form method="post" action="\(address)/delete">
                <button class="second">Delete this account for ever</button>
                </form>
                <p><a href="/">Everybody</a></p>
                """)
    }
}

extension IdentityProvider {
    /// `GET /people/SUBJECT`, `POST /people/SUBJECT` and `POST /people/SUBJECT/delete`.
    func account(_ call: Call) async throws -> Answer {
        let nobody = Answer.text(404, "Nobody is of this name.\n")
        // A page of elsewhere has no business with an account here.
        let issuer = await ledger.issuer
        let isOurs = call.headers["origin"].map { $0 == issuer } ?? true
        guard isOurs else { return .text(403, "This came from a page of another site.\n") }
        let subject = call.path[1]
        switch (call.method, call.path.count, call.path.last) {
        case ("GET", 2, _):
            guard let person = await ledger.person(subject) else { return nobody }
            return AccountPage(person: person).page.answer()
        case ("POST", 2, _):
            guard let person = await ledger.person(subject) else { return nobody }
            let given = call.form ?? Form()
            do {
                _ = try await ledger.change(
                    subject, email: given["email"] ?? person.email, name: given["name"] ?? person.name)
            } catch let problem as IdentityProblem {
                return AccountPage(person: person, message: problem.description).page.answer(422)
            }
            return .seeOther("/people/\(subject.percentEncoded)")
        case ("POST", 3, "delete"):
            return try await ledger.delete(subject) ? .seeOther("/") : nobody
        default: return nobody
        }
    }
}
