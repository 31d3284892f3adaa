const pendingKey = "earshelf-places";

/** @typedef {{ book: string, body: Record<string, any>, baseVersion: number }} Pending */

/**
 * Moves that could not be told, the oldest first. They outlast the page.
 * @returns {Pending[]}
 */
export function pendingMoves() {
    try {
        return JSON.parse(localStorage.getItem(pendingKey) ?? "[]");
    } catch {
        return [];
    }
}

/** @param {Pending[]} moves */
export function setPendingMoves(moves) {
    localStorage.setItem(pendingKey, JSON.stringify(moves));
}

/**
 * A report that follows one of the same book takes its place and begins where that began; a choice of place stays apart.
 * @param {Pending} move
 */
export function addPendingMove(move) {
    const moves = pendingMoves();
    const last = moves[moves.length - 1];
    const isContinued = last?.book === move.book && last.body.move === "sync" && move.body.move === "sync" && last.body.positionMilliseconds === move.body.playedFromMilliseconds;
    if (isContinued) {
        last.body = { ...move.body, playedFromMilliseconds: last.body.playedFromMilliseconds };
    } else {
        moves.push(move);
    }
    setPendingMoves(moves);
}

/**
 * Where a book was left without a network.
 * @param {string} book
 * @returns {number | undefined}
 */
export function pendingPosition(book) {
    return pendingMoves().filter((move) => move.book === book).pop()?.body.positionMilliseconds;
}
