-- What a text may cost, and what it has cost: in billionths of a dollar, as the service counts seconds. What a call may cost
-- is reserved before it. It is the chunk's cost when the call was answered, or nobody knows whether it was, and given back
-- when nothing was done.
ALTER TABLE production.transcripts
    -- Where an editor allowed more or less than the shop's own settings.
    ADD COLUMN budget_nanodollars bigint CHECK (budget_nanodollars >= 0);
ALTER TABLE production.transcript_chunks
    ADD COLUMN cost_nanodollars bigint NOT NULL DEFAULT 0 CHECK (cost_nanodollars >= 0),
    ADD COLUMN reserved_nanodollars bigint NOT NULL DEFAULT 0 CHECK (reserved_nanodollars >= 0),
    ADD CONSTRAINT reserved_while_running CHECK (reserved_nanodollars = 0 OR state = 'running');
GRANT UPDATE (budget_nanodollars) ON production.transcripts TO earshelf_transcribe;
GRANT SELECT (cost_nanodollars, reserved_nanodollars) ON production.transcript_chunks
    TO earshelf_summarise, earshelf_catalogue;
