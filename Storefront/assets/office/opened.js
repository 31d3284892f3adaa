const openedKey = "earshelf-office-books";
const most = 20;

/**
 * Drafts are in no list of the shop's: those that were opened on this machine are found again here.
 * @returns {{ id: string, title: string }[]}
 */
export function openedBooks() {
    try {
        return JSON.parse(localStorage.getItem(openedKey) ?? "[]");
    } catch {
        return [];
    }
}

/** @param {{ id: string, title: string }} book */
export function noteOpened({ id, title }) {
    const others = openedBooks().filter((book) => book.id !== id);
    localStorage.setItem(openedKey, JSON.stringify([{ id, title }, ...others].slice(0, most)));
}
