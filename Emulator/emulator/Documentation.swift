import Foundation
import Platform
import StandIns

/// The page on which the API can be read and tried: Swagger UI over the document that the shop serves itself, with the
/// demo people to sign in as. Nothing of it comes from elsewhere: the browser is told to load from this machine alone.
struct Documentation: Sendable {
    private let people: [IdentityStandIn.Person]
    private let identity: String

    static let path = "/_earshelf/docs/"

    init(_ plan: Plan) {
        people = plan.addresses.port(.identity) == 0 ? [] : IdentityStandIn.Person.demo
        identity = people.isEmpty ? "" : plan.addresses.origin(.identity)
    }

    /// By path. Everything else below `path` is a file of Swagger UI's.
    var pages: [String: GatewayPage] {
        [
            Self.path: GatewayPage(
                type: "text/html; charset=utf-8", text: page, contentSecurityPolicy: policy),
            Self.path + "try.js": GatewayPage(type: "text/javascript; charset=utf-8", text: Self.script),
        ]
    }

    /// Swagger UI sets styles on its elements and draws with `data:` pictures.
    private var policy: String {
        "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; "
            + "connect-src 'self' \(identity)"
    }

    private var page: String {
        let buttons = people.map { person in
            #"<button data-username="\#(person.username)">\#(person.name), \#(person.role)</button>"#
        }
        let bar = """
            <p id="people" data-identity="\(identity)">Sign in as \(buttons.joined(separator: " "))
            <button data-username="">nobody</button> <output></output></p>
            """
        return """
            <!doctype html>
            <html lang="en">
            <head>
            <meta charset="utf-8"><title>Earshelf: the API</title>
            <link rel="icon" href="favicon-32x32.png">
            <link rel="stylesheet" href="swagger-ui.css">
            <style>
            body { margin: 0 } #people { margin: 0; padding: 1em; font: 14px sans-serif; background: #eef }
            </style>
            </head>
            <body>
            \(people.isEmpty ? "" : bar)
            <div id="swagger-ui">Swagger UI is not there: ./build.sh setup installs it.</div>
            <script src="swagger-ui-bundle.js"></script>
            <script src="try.js"></script>
            </body>
            </html>

            """
    }

    /// A key that was not chosen is made anew for each request: sent twice, the page would show the first answer again.
    private static let script = """
        const anew = "made-anew-for-each-request";

        const FreshKeys = () => ({
            statePlugins: { spec: { wrapActions: { updateJsonSpec: (next) => (document) => {
                for (const item of Object.values(document.paths ?? {})) {
                    for (const operation of Object.values(item)) {
                        for (const parameter of operation.parameters ?? []) {
                            if (parameter.$ref?.endsWith("/idempotencyKey")) {
                                Object.assign(document.components.parameters.idempotencyKey, { example: anew });
                            }
                        }
                    }
                }
                return next(document);
            } } } },
        });

        const ui = SwaggerUIBundle({
            url: "/openapi.json", dom_id: "#swagger-ui", deepLinking: true, tryItOutEnabled: true,
            displayRequestDuration: true, validatorUrl: null, plugins: [FreshKeys],
            requestInterceptor: (request) => {
                const isKey = (name) => name.toLowerCase() === "idempotency-key";
                const name = Object.keys(request.headers ?? {}).find(isKey);
                if (name && request.headers[name] === anew) request.headers[name] = crypto.randomUUID();
                return request;
            },
        });

        const people = document.getElementById("people");
        people?.addEventListener("click", async (event) => {
            const username = event.target.dataset.username;
            if (username === undefined) return;
            if (ui.authSelectors.authorized()?.has("bearer")) ui.authActions.logout(["bearer"]);
            if (username !== "") {
                const asked = new URLSearchParams({ grant_type: "password", username });
                const answer = await fetch(people.dataset.identity + "/token", { method: "POST", body: asked });
                ui.preauthorizeApiKey("bearer", (await answer.json()).access_token);
            }
            people.querySelector("output").textContent = username === "" ? "Signed out." : `Signed in as ${username}.`;
        });

        """
}
