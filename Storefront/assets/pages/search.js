let isFilterOpen = false;

/**
 * Who narrows step by step, finds the filter as they left it.
 * @param {HTMLElement} main
 */
export function show(main) {
    const filter = /** @type {HTMLDetailsElement | null} */ (main.querySelector("[data-facets]"));
    if (filter) {
        filter.open = isFilterOpen;
        filter.addEventListener("toggle", () => {
            isFilterOpen = filter.open;
        });
    }
}
