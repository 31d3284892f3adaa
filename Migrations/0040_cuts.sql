-- Where one chunk ends and the next begins is first a matter of arithmetic, and for good one of what is heard there:
-- whoever is first at work on either side moves the cut into a pause. Those that were cut before lay in one already.
ALTER TABLE production.transcript_chunks ADD COLUMN is_end_settled boolean NOT NULL DEFAULT true;

-- A cut moves for both of its sides in one statement: they are compared when it is over.
ALTER TABLE production.transcript_chunks DROP CONSTRAINT transcript_chunks_transcript_id_int8range_excl;
ALTER TABLE production.transcript_chunks ADD CONSTRAINT chunks_never_overlap
    EXCLUDE USING gist (transcript_id WITH =, int8range(start_ms, end_ms) WITH &&) DEFERRABLE;
