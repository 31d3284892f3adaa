-- Editors find their books whatever their state, the newest first; titles by the words in them.
CREATE INDEX audiobooks_created ON catalogue.audiobooks (created_at DESC, id DESC);
CREATE INDEX audiobooks_created_in_state ON catalogue.audiobooks (state, created_at DESC, id DESC);
GRANT SELECT ON catalogue.audiobook_contributors, catalogue.contributors TO earshelf_admin;
