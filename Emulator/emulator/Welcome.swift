import Foundation
import Platform
import StandIns

/// What a person is told once all is up: on the terminal, and on the page at `/` while the shop has none.
struct Welcome: Sendable {
    private let addresses: [(name: String, address: String)]
    private let people: [IdentityStandIn.Person]
    private let identity: String
    private let documentation: String
    /// What cannot work for strangers, who come through a proxy.
    let warning: String?

    init(_ plan: Plan) {
        addresses = Part.allCases.filter { plan.addresses.port($0) != 0 }.map { part in
            (part.name, plan.addresses.origin(part))
        }
        identity = plan.addresses.origin(.identity)
        documentation = plan.addresses.origin(.gateway) + Documentation.path
        let standIns = [Part.stripe, .identity, .openAI].filter { plan.addresses.port($0) != 0 }.map(\.name)
        warning =
            !plan.options.proxies.isEmpty && !standIns.isEmpty
            ? "Stood in for, on this machine alone: \(standIns.joined(separator: ", ")). Nobody from outside "
                + "can sign in or pay before .env or the environment names the real ones."
            : nil
        people = plan.addresses.port(.identity) == 0 ? [] : IdentityStandIn.Person.demo
    }

    var lines: [String] {
        var lines = addresses.map { "  \(Terminal.padded($0.name, 11)) \($0.address)" }
        lines += ["", "The API, to read and to try: \(documentation)"]
        guard !people.isEmpty else { return lines }
        lines += ["", "Sign in at \(identity) without a password, as"]
        return lines + people.map { "  \(Terminal.padded($0.username, 11)) \($0.name), \($0.role)" }
    }

    var page: String {
        let items = addresses.map { #"<li>\#($0.name): <a href="\#($0.address)">\#($0.address)</a></li>"# }
        let persons = people.map { "<li><b>\($0.username)</b>: \($0.name), \($0.role)</li>" }
        return """
            <!doctype html>
            <html lang="en">
            <head><meta charset="utf-8"><title>Earshelf</title></head>
            <body>
            <h1>Earshelf</h1>
            <p>The shop's functions answer below <code>/api/v1</code>.
            <a href="\(documentation)">Read and try them</a>.</p>
            <ul>\(items.joined())</ul>
            <p>Who can sign in:</p>
            <ul>\(persons.joined())</ul>
            </body>
            </html>

            """
    }

    /// For scripts: `{"shop":"http://127.0.0.1:8080", …}`.
    var json: String {
        let members = addresses.map { #""\#($0.name.lowercased())":"\#($0.address)""# }
        return "{\(members.joined(separator: ","))}\n"
    }
}
