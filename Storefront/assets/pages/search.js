let isFilterOpen = false;

/**
 * Who narrows step by step, finds the filter as they left it.
 * @param {HTMLElement} main
 */
export function show(main) {
    const filter = /** @type {HTMLDetailsElement | null} */ (main.querySelector("[data-facets]"));
    if (filter) {
        // Somebody may have opened it before this program was there.
        filter.open ||= isFilterOpen;
        isFilterOpen = filter.open;
        filter.addEventListener("toggle", () => {
            isFilterOpen = filter.open;
        });
    }
}
