-- The queue is read from indexes that hold all it is filtered and sorted by: the wide rows
-- are fetched of one page alone. Of all sites by time; of one site; of one author.
DROP INDEX comments_held;
DROP INDEX comments_held_by_score;
CREATE INDEX comments_held_by_time ON comments
    (received_at, id, site, score, spam, toxicity, reason_codes)
    WHERE status = 'held';
CREATE INDEX comments_held_by_site ON comments
    (site, received_at, id, score, spam, toxicity, reason_codes, simhash)
    WHERE status = 'held';
CREATE INDEX comments_held_by_author ON comments (site, email_hash, received_at)
    WHERE status = 'held';
-- A search looks through every text, which SQLite does an order of magnitude sooner where
-- they stand together. PostgreSQL takes no long text into an index.
CREATE INDEX comments_held_by_text ON comments
    (received_at, id, site, score, spam, toxicity, reason_codes, search_text)
    WHERE status = 'held'; -- SQLite alone

-- How an author fared is counted from the index.
DROP INDEX comments_by_email;
CREATE INDEX comments_by_email ON comments (email_hash, site, status, received_at);

-- What people decided, on all sites; and what the policy did, by day.
CREATE INDEX decisions_by_time ON decisions (decided_at, comment_id) WHERE number > 0;
CREATE INDEX verdicts_by_time ON decisions (decided_at, site, decision) WHERE number = 0;
