-- The shop's pages. They show what anybody may see, and of people nothing.

CREATE INDEX entitlements_recent ON listening.entitlements (granted_at, audiobook_id) WHERE state = 'active';

SELECT plumbing.ensure_role('earshelf_page');
SELECT plumbing.ensure_member('earshelf_page', 'earshelf_any');
GRANT SELECT ON catalogue.listings, catalogue.search_documents, catalogue.search_words, catalogue.listing_changes,
    catalogue.audiobooks, catalogue.editions, catalogue.chapters, catalogue.assets, catalogue.contributors,
    catalogue.audiobook_contributors, catalogue.series, catalogue.series_entries, catalogue.categories,
    catalogue.audiobook_categories, sales.prices TO earshelf_page;
GRANT SELECT (audiobook_id, granted_at, state) ON listening.entitlements TO earshelf_page;
GRANT SELECT ON production.summaries, production.transcripts TO earshelf_page;
GRANT EXECUTE ON FUNCTION catalogue.text_rules, catalogue.words_of, catalogue.sought TO earshelf_page;

-- Signs people in and out, and has no business in the records but to be there.
SELECT plumbing.ensure_role('earshelf_session');
SELECT plumbing.ensure_member('earshelf_session', 'earshelf_any');
