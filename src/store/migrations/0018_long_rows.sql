-- Rows that hold a text or evidence are too long for a table that is its own index: SQLite
-- puts what is over a kilobyte of each on a page of its own, half of which stays empty, and
-- fetches it for every row that a search passes by. With a rowid reading history is eight
-- times as quick, and the decisions take half the room. PostgreSQL's tables always were so.
CREATE TABLE comments_new (
    id BLOB NOT NULL PRIMARY KEY,
    site TEXT NOT NULL,
    received_at BIGINT NOT NULL,
    status TEXT NOT NULL,
    settled_at BIGINT NOT NULL,
    last_decision BIGINT NOT NULL,
    submission_id TEXT,
    name TEXT,
    text TEXT,
    url TEXT,
    page_id TEXT,
    page_url TEXT,
    page_title TEXT,
    user_agent TEXT,
    locale TEXT,
    texts_gone_at BIGINT,
    email_hash BLOB NOT NULL,
    author_hash BLOB,
    address_hash BLOB,
    author_trusted BIGINT NOT NULL,
    author_approved BIGINT,
    spam DOUBLE PRECISION NOT NULL,
    toxicity DOUBLE PRECISION NOT NULL,
    score DOUBLE PRECISION NOT NULL,
    reason_codes TEXT NOT NULL,
    language TEXT,
    search_text TEXT,
    simhash BLOB,
    reports BIGINT NOT NULL
); -- SQLite alone
INSERT INTO comments_new SELECT * FROM comments ORDER BY id; -- SQLite alone
DROP TABLE comments; -- SQLite alone
ALTER TABLE comments_new RENAME TO comments; -- SQLite alone
CREATE INDEX comments_by_author ON comments (author_hash) WHERE author_hash IS NOT NULL; -- SQLite alone
CREATE INDEX comments_by_page ON comments (site, page_id) WHERE status = 'held'; -- SQLite alone
CREATE INDEX comments_with_texts ON comments (status, settled_at) WHERE texts_gone_at IS NULL; -- SQLite alone
CREATE INDEX comments_without_texts ON comments (settled_at) WHERE texts_gone_at IS NOT NULL; -- SQLite alone
CREATE INDEX comments_held_by_time ON comments
    (received_at, id, site, score, spam, toxicity, reason_codes)
    WHERE status = 'held'; -- SQLite alone
CREATE INDEX comments_held_by_site ON comments
    (site, received_at, id, score, spam, toxicity, reason_codes, simhash)
    WHERE status = 'held'; -- SQLite alone
CREATE INDEX comments_held_by_author ON comments (site, email_hash, received_at)
    WHERE status = 'held'; -- SQLite alone
CREATE INDEX comments_held_by_text ON comments
    (received_at, id, site, score, spam, toxicity, reason_codes, search_text)
    WHERE status = 'held'; -- SQLite alone
CREATE INDEX comments_by_email ON comments (email_hash, site, status, received_at); -- SQLite alone

CREATE TABLE decisions_new (
    comment_id BLOB NOT NULL,
    number BIGINT NOT NULL,
    site TEXT NOT NULL,
    decided_at BIGINT NOT NULL,
    decision TEXT NOT NULL,
    actor_kind TEXT NOT NULL,
    actor TEXT,
    why TEXT,
    note TEXT,
    reasons TEXT,
    evidence TEXT,
    model TEXT,
    policy TEXT,
    degraded BIGINT NOT NULL,
    label_spam BIGINT,
    label_toxicity BIGINT,
    undoes BIGINT,
    lesson BLOB,
    PRIMARY KEY (comment_id, number)
); -- SQLite alone
INSERT INTO decisions_new SELECT * FROM decisions ORDER BY comment_id, number; -- SQLite alone
DROP TABLE decisions; -- SQLite alone
ALTER TABLE decisions_new RENAME TO decisions; -- SQLite alone
CREATE INDEX decisions_by_people ON decisions (site, decided_at) WHERE number > 0; -- SQLite alone
CREATE INDEX decisions_by_lesson ON decisions (lesson) WHERE lesson IS NOT NULL; -- SQLite alone
CREATE INDEX decisions_by_time ON decisions (decided_at, comment_id) WHERE number > 0; -- SQLite alone
CREATE INDEX verdicts_by_time ON decisions (decided_at, site, decision) WHERE number = 0; -- SQLite alone

CREATE TABLE submissions_new (
    site TEXT NOT NULL,
    submission_id TEXT NOT NULL,
    fingerprint BLOB NOT NULL,
    comment_id BLOB NOT NULL,
    received_at BIGINT NOT NULL,
    verdict TEXT NOT NULL,
    PRIMARY KEY (site, submission_id)
); -- SQLite alone
INSERT INTO submissions_new SELECT * FROM submissions; -- SQLite alone
DROP TABLE submissions; -- SQLite alone
ALTER TABLE submissions_new RENAME TO submissions; -- SQLite alone
CREATE INDEX submissions_by_age ON submissions (received_at); -- SQLite alone
CREATE INDEX submissions_by_comment ON submissions (comment_id); -- SQLite alone

CREATE TABLE labels_new (
    id BLOB NOT NULL PRIMARY KEY,
    site TEXT NOT NULL,
    comment_id BLOB,
    labelled_at BIGINT NOT NULL,
    spam BIGINT,
    toxicity BIGINT,
    source TEXT NOT NULL,
    actor TEXT,
    batch TEXT,
    name TEXT,
    text TEXT,
    url TEXT,
    language TEXT,
    email_hash BLOB,
    author_hash BLOB,
    origin TEXT,
    group_name TEXT,
    lesson BLOB
); -- SQLite alone
INSERT INTO labels_new SELECT id, site, comment_id, labelled_at, spam, toxicity, source, actor,
    batch, name, text, url, language, email_hash, author_hash, origin, group_name, lesson
    FROM labels ORDER BY id; -- SQLite alone
DROP TABLE labels; -- SQLite alone
ALTER TABLE labels_new RENAME TO labels; -- SQLite alone
CREATE INDEX labels_by_comment ON labels (comment_id); -- SQLite alone
CREATE INDEX labels_by_batch ON labels (batch) WHERE batch IS NOT NULL; -- SQLite alone
CREATE INDEX labels_by_email ON labels (email_hash) WHERE email_hash IS NOT NULL; -- SQLite alone
CREATE INDEX labels_by_author ON labels (author_hash) WHERE author_hash IS NOT NULL; -- SQLite alone
CREATE INDEX labels_by_time ON labels (labelled_at, id); -- SQLite alone
