-- A file is there and nobody looks at it any more: whoever was told of it was killed each time, or could not reach the
-- records. The relay tells of it again, and how often it has is what makes each time another event.
ALTER TABLE production.uploads
    ADD COLUMN reminders integer NOT NULL DEFAULT 0 CHECK (reminders >= 0),
    ADD COLUMN reminded_at timestamptz,
    ADD CONSTRAINT uploads_reminded CHECK ((reminded_at IS NULL) = (reminders = 0));
GRANT UPDATE (reminders, reminded_at) ON production.uploads TO earshelf_relay;
