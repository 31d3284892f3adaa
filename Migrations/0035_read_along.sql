-- What editors correct keeps what was heard, so that it can be told apart and found again when its chunk's neighbour is
-- heard anew.
ALTER TABLE production.transcript_segments
    ADD COLUMN version integer NOT NULL DEFAULT 1 CHECK (version >= 1),
    ADD COLUMN heard_text text CHECK (length(heard_text) BETWEEN 1 AND 8000),
    ADD COLUMN heard_words jsonb CHECK (jsonb_typeof(heard_words) = 'array'),
    ADD CONSTRAINT corrected_of_something CHECK (
        (version = 1) = (heard_text IS NULL) AND (heard_text IS NULL) = (heard_words IS NULL));

GRANT UPDATE (text, words, version, heard_text, heard_words) ON production.transcript_segments
    TO earshelf_transcribe;
GRANT INSERT ON plumbing.audit_log TO earshelf_transcribe;
-- From when they were planned it is estimated when they will be done.
GRANT SELECT (created_at) ON production.transcript_chunks TO earshelf_summarise, earshelf_catalogue;
