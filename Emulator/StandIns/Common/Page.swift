import Pages

/// The frame of the stand-ins' pages: readable, keyboard and screen reader first, no script, nothing fetched.
struct Page {
    var title: String
    var body: String

    func answer(_ status: Int = 200) -> Answer {
        Answer.text(status, html, type: "text/html; charset=utf-8")
            .adding("cache-control", "no-store")
            .adding("referrer-policy", "no-referrer")
            .adding("x-content-type-options", "nosniff")
    }

    private var html: String {
        """
        <!doctype html>
        <html lang="en">
        <head>
        <meta charset="utf-8">
        <meta name="viewport" content="width=device-width, initial-scale=1">
        <title>\(title.escapedForHTML)</title>
        <style>\(Page.style)</style>
        </head>
        <body>
        <main>
        \(body)
        </main>
        </body>
        </html>

        """
    }

    private static let style = """
        :root { color-scheme: light dark; --ink: #1d2733; --paper: #fbfaf7; --line: #7d8792; --act: #1f5f4a;
          --on-act: #ffffff; --wrong: #a3261b; --quiet: #55606b; }
        @media (prefers-color-scheme: dark) { :root { --ink: #e9e6df; --paper: #171b20; --line: #8b959f;
          --act: #8fd3b6; --on-act: #10251c; --wrong: #ff9d92; --quiet: #a9b3bd; } }
        * { box-sizing: border-box; }
        body { margin: 0; background: var(--paper); color: var(--ink);
          font: 1.0625rem/1.5 system-ui, sans-serif; }
        main { max-width: 30rem; margin: 0 auto; padding: 2rem 1.25rem 4rem; }
        h1 { font-size: 1.5rem; line-height: 1.25; margin: 0 0 1rem; }
        .quiet { color: var(--quiet); }
        table { width: 100%; border-collapse: collapse; margin: 0 0 1.5rem; }
        th, td { text-align: left; padding: .4rem 0; border-bottom: 1px solid var(--line); font-weight: 400; }
        td { text-align: right; white-space: nowrap; } tr:last-child > * { border: 0; font-weight: 600; }
        fieldset { border: 0; margin: 0 0 1rem; padding: 0; } legend { font-weight: 600; padding: 0; }
        label { display: block; margin: .9rem 0 .25rem; } .choice label { display: inline; }
        .choice { margin: .5rem 0; }
        input:not([type=radio]), select { width: 100%; font: inherit; color: inherit; background: transparent;
          border: 1px solid var(--line); border-radius: .4rem; padding: .55rem .7rem; }
        [aria-invalid=true] { border-color: var(--wrong) !important; border-width: 2px !important; }
        .wrong { color: var(--wrong); margin: .25rem 0 0; }
        .pair { display: grid; grid-template-columns: 1fr 1fr; gap: 1rem; }
        button { font: inherit; font-weight: 600; width: 100%; margin-top: 1.5rem; padding: .75rem;
          border: 0; border-radius: .4rem; background: var(--act); color: var(--on-act); cursor: pointer; }
        button.second { background: transparent; color: var(--ink); border: 1px solid var(--line);
          margin-top: .75rem; }
        a { color: var(--act); } :focus-visible { outline: 3px solid var(--act); outline-offset: 2px; }
        """
}
