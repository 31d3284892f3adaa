-- The relay reminds of uploads that stand still, which is an event of its own.
GRANT INSERT (topic, key, dedupe_key, payload) ON plumbing.outbox TO earshelf_relay;
