-- In which trace a row was written, for those who act on it later: random numbers in the form of X-Ray's header, which each
-- traced transaction has in a setting of its own. A row that was written outside of a trace has none.
ALTER TABLE plumbing.outbox ADD COLUMN trace_header text CHECK (length(trace_header) <= 256);
ALTER TABLE plumbing.outbox
    ALTER COLUMN trace_header SET DEFAULT nullif(current_setting('earshelf.trace', true), '');

ALTER TABLE sales.payment_attempts ADD COLUMN trace_header text CHECK (length(trace_header) <= 256);
ALTER TABLE sales.payment_attempts
    ALTER COLUMN trace_header SET DEFAULT nullif(current_setting('earshelf.trace', true), '');
