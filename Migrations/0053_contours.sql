-- How loud each chunk is, ten times a second, noted when it is heard: a peak for each frame, then a level for each.
ALTER TABLE production.transcript_chunks
    ADD COLUMN contour bytea CHECK (octet_length(contour) BETWEEN 2 AND 12002 AND octet_length(contour) % 2 = 0);
