-- Summaries of chapters, and of the whole out of them; and what each of them cost.
ALTER TABLE production.summaries
    -- Of all attempts together: what was written and then lost was paid for too. Tokens as far as the service tells.
    ADD COLUMN calls integer NOT NULL DEFAULT 0 CHECK (calls >= 0),
    ADD COLUMN tokens_read bigint NOT NULL DEFAULT 0 CHECK (tokens_read >= 0),
    ADD COLUMN tokens_written bigint NOT NULL DEFAULT 0 CHECK (tokens_written >= 0),
    ADD COLUMN cost_nanodollars bigint NOT NULL DEFAULT 0 CHECK (cost_nanodollars >= 0);
GRANT UPDATE (calls, tokens_read, tokens_written, cost_nanodollars) ON production.summaries TO earshelf_summarise;

-- Of a text with summaries of hundreds of chapters, those of one book, newest first.
CREATE INDEX summaries_of_transcript ON production.summaries (transcript_id, created_at DESC, id DESC);
