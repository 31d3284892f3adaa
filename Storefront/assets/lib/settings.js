/**
 * What the server must know before it draws a page, so that nothing flashes: language and theme.
 * @param {"language" | "theme"} name
 * @param {string} value `system` is the theme that nobody chose
 */
export function remember(name, value) {
    const isChosen = value !== "system";
    const secure = location.protocol === "https:" ? "; Secure" : "";
    const age = isChosen ? 365 * 24 * 3600 : 0;
    document.cookie = `earshelf-${name}=${isChosen ? value : ""}; Path=/; Max-Age=${age}; SameSite=Lax${secure}`;
    if (name === "theme") {
        if (isChosen) {
            document.documentElement.dataset.theme = value;
        } else {
            delete document.documentElement.dataset.theme;
        }
    }
}
