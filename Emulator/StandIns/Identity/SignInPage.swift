import Pages

/// A click on a name signs in; so does any e-mail address. No script is needed.
struct SignInPage {
    var people: [IdentityStandIn.Person]
    /// What the shop asked, carried on in hidden fields.
    var request: Form
    var message: String?

    private static let carried = [
        "client_id", "redirect_uri", "response_type", "scope", "state", "nonce", "code_challenge",
        "code_challenge_method",
    ]

    var page: Page {
        let wrong = message.map {
            "<p class=\"wrong\" role=\"alert\" id=\"email-error\">\($0.escapedForHTML)</p>"
        }
        let marks = message == nil ? "" : " aria-invalid=\"true\" aria-describedby=\"email-error\" autofocus"
        let email = request["email"] ?? ""
        return Page(
            title: message == nil ? "Sign in" : "Error: Sign in",
            body: """
                <h1>Sign in</h1>
                <p class="quiet">A stand-in for an identity provider: it asks for no password.</p>
                <form method="post" action="/authorize">
                \(hidden)
                \(people.map(Self.button).joined(separator: "\n"))
                </form>
                <form method="post" action="/authorize" novalidate>
                \(hidden)
                <label for="email">Or with any e-mail address</label>
                <input id="email" name="email" type="email" autocomplete="email" \
                value="\(email.escapedForHTML)"\(marks)>
                \(wrong ?? "")
                <button class="second">Sign in with this address</button>
                </form>
                """)
    }

    private var hidden: String {
        Self.carried.compactMap { name in
            request[name].map { "<input type=\"hidden\" name=\"\(name)\" value=\"\($0.escapedForHTML)\">" }
        }.joined(separator: "\n")
    }

    private static func button(_ person: IdentityStandIn.Person) -> String {
        "<button name=\"person\" value=\"\(person.subject.escapedForHTML)\">"
            + "\(person.name.escapedForHTML), \(person.role.escapedForHTML)</button>"
    }

    /// What somebody finds who opens the address itself.
    static func welcome(people: [IdentityStandIn.Person]) -> Answer {
        let rows = people.map { person in
            "<tr><th scope=\"row\"><a href=\"/people/\(person.subject.percentEncoded)\">"
                + "\(person.username.escapedForHTML)</a></th><td>\(person.role.escapedForHTML)</td></tr>"
        }
        return Page(
            title: "Identity",
            body: """
                <h1>An identity provider on this machine</h1>
                <p>The shop sends people here to sign in. These are known, and can be
                changed and deleted:</p>
                <table>\(rows.joined(separator: "\n"))</table>
                <p><a href="/.well-known/openid-configuration">What it offers</a></p>
                """
        ).answer()
    }
}
