-- Written once for both databases: for PostgreSQL `src/store/migrations.rs` puts BYTEA
-- in place of BLOB and leaves out WITHOUT ROWID. Times are microseconds since 1970, UTC.
-- A yes or no is 1 or 0. Doubles are never null: the driver binds a null one as the
-- wrong type.

-- Every comment that was judged, but for faults of the form and used-up quotas.
-- Texts go at the end of their retention, the row stays a while longer.
CREATE TABLE comments (
    id BLOB NOT NULL PRIMARY KEY,               -- UUIDv7
    site TEXT NOT NULL,
    received_at BIGINT NOT NULL,
    status TEXT NOT NULL,                       -- held, approved, rejected
    settled_at BIGINT NOT NULL,                 -- since when it has this status
    last_decision BIGINT NOT NULL,              -- its number in decisions
    submission_id TEXT,
    -- What was typed and what the site said; null once erased or past retention.
    name TEXT,
    text TEXT,
    url TEXT,
    page_id TEXT,
    page_url TEXT,
    page_title TEXT,
    user_agent TEXT,
    locale TEXT,
    texts_gone_at BIGINT,
    -- Keyed hashes; see src/store/person.rs.
    email_hash BLOB NOT NULL,
    author_hash BLOB,
    address_hash BLOB,
    author_trusted BIGINT NOT NULL,
    author_approved BIGINT,                     -- as the site counts
    -- The first verdict, for filters and sorting.
    spam DOUBLE PRECISION NOT NULL,
    toxicity DOUBLE PRECISION NOT NULL,
    score DOUBLE PRECISION NOT NULL,            -- the higher of both
    reason_codes TEXT NOT NULL,                 -- ' SPAM_SCORE TOO_MANY_LINKS '
    language TEXT,
    search_text TEXT,                           -- lower-cased name and text of a held one
    simhash BLOB,                               -- 16 bytes; null once texts are gone
    reports BIGINT NOT NULL
) WITHOUT ROWID;

CREATE INDEX comments_by_email ON comments (email_hash);
CREATE INDEX comments_by_author ON comments (author_hash) WHERE author_hash IS NOT NULL;
CREATE INDEX comments_by_page ON comments (site, page_id) WHERE status = 'held';
CREATE INDEX comments_held ON comments (site, received_at, id) WHERE status = 'held';
CREATE INDEX comments_held_by_score ON comments (site, score, id) WHERE status = 'held';
-- Retention goes from the oldest on; what has lost its texts is out of its way.
CREATE INDEX comments_with_texts ON comments (status, settled_at) WHERE texts_gone_at IS NULL;
CREATE INDEX comments_without_texts ON comments (settled_at) WHERE texts_gone_at IS NOT NULL;

-- Every decision, append-only. Number 0 is the verdict. Who decides appends the number
-- after the last one it saw, so of two at once one fails.
CREATE TABLE decisions (
    comment_id BLOB NOT NULL,
    number BIGINT NOT NULL,
    site TEXT NOT NULL,
    decided_at BIGINT NOT NULL,
    decision TEXT NOT NULL,                     -- approve, hold, reject
    actor_kind TEXT NOT NULL,                   -- policy, moderator, report, operator
    actor TEXT,                                 -- the moderator's name, for one
    why TEXT,                                   -- structured reason of a person
    note TEXT,
    reasons TEXT,                               -- JSON; null: none
    evidence TEXT,                              -- JSON; null: none, or texts are gone
    model TEXT,
    policy TEXT,
    degraded BIGINT NOT NULL,
    label_spam BIGINT,
    label_toxicity BIGINT,
    undoes BIGINT,                              -- number of the decision it takes back
    PRIMARY KEY (comment_id, number)
) WITHOUT ROWID;
CREATE INDEX decisions_by_people ON decisions (site, decided_at) WHERE number > 0;

-- The verdict of every submission_id, so that a retry gets it again.
CREATE TABLE submissions (
    site TEXT NOT NULL,
    submission_id TEXT NOT NULL,
    fingerprint BLOB NOT NULL,
    comment_id BLOB NOT NULL,
    received_at BIGINT NOT NULL,
    verdict TEXT NOT NULL,                      -- JSON
    PRIMARY KEY (site, submission_id)
) WITHOUT ROWID;
CREATE INDEX submissions_by_age ON submissions (received_at);
CREATE INDEX submissions_by_comment ON submissions (comment_id);

-- What people say of a text, append-only, with a copy of the text to learn from.
CREATE TABLE labels (
    id BLOB NOT NULL PRIMARY KEY,               -- UUIDv7
    site TEXT NOT NULL,
    comment_id BLOB,
    labelled_at BIGINT NOT NULL,
    spam BIGINT,                                -- null: not judged
    toxicity BIGINT,
    source TEXT NOT NULL,                       -- moderator, report, site, import
    actor TEXT,
    batch TEXT,                                 -- what is retracted together
    name TEXT,
    text TEXT,                                  -- null once erased
    url TEXT,
    language TEXT,
    email_hash BLOB,
    author_hash BLOB,
    retracted_at BIGINT,
    retracted_by TEXT
) WITHOUT ROWID;
CREATE INDEX labels_by_comment ON labels (comment_id);
CREATE INDEX labels_by_batch ON labels (batch) WHERE batch IS NOT NULL;
CREATE INDEX labels_by_email ON labels (email_hash) WHERE email_hash IS NOT NULL;
CREATE INDEX labels_by_author ON labels (author_hash) WHERE author_hash IS NOT NULL;

-- What a site is told, numbered without gaps in the order of commits.
CREATE TABLE events (
    site TEXT NOT NULL,
    number BIGINT NOT NULL,                     -- from 1
    occurred_at BIGINT NOT NULL,
    kind TEXT NOT NULL,
    comment_id BLOB NOT NULL,
    decision_number BIGINT NOT NULL,
    payload TEXT NOT NULL,                      -- JSON without personal data
    PRIMARY KEY (site, number)
) WITHOUT ROWID;
CREATE INDEX events_by_age ON events (occurred_at);
CREATE TABLE event_numbers (
    site TEXT NOT NULL PRIMARY KEY,
    last BIGINT NOT NULL
) WITHOUT ROWID;

CREATE TABLE webhook_deliveries (
    site TEXT NOT NULL,
    endpoint TEXT NOT NULL,
    event_number BIGINT NOT NULL,
    state TEXT NOT NULL,                        -- waiting, delivered, dead
    attempts BIGINT NOT NULL,
    next_attempt_at BIGINT NOT NULL,
    leased_until BIGINT NOT NULL,
    last_status BIGINT,
    last_error TEXT,
    updated_at BIGINT NOT NULL,
    PRIMARY KEY (site, endpoint, event_number)
) WITHOUT ROWID;
CREATE INDEX webhook_deliveries_due ON webhook_deliveries (next_attempt_at) WHERE state = 'waiting';
-- Up to which event deliveries have been made out.
CREATE TABLE webhook_positions (
    site TEXT NOT NULL,
    endpoint TEXT NOT NULL,
    event_number BIGINT NOT NULL,
    PRIMARY KEY (site, endpoint)
) WITHOUT ROWID;

CREATE TABLE claims (
    comment_id BLOB NOT NULL PRIMARY KEY,
    moderator TEXT NOT NULL,
    expires_at BIGINT NOT NULL
) WITHOUT ROWID;
CREATE INDEX claims_by_expiry ON claims (expires_at);

CREATE TABLE notes (
    id BLOB NOT NULL PRIMARY KEY,               -- UUIDv7
    comment_id BLOB NOT NULL,
    moderator TEXT NOT NULL,
    written_at BIGINT NOT NULL,
    text TEXT NOT NULL
) WITHOUT ROWID;
CREATE INDEX notes_by_comment ON notes (comment_id);

CREATE TABLE reports (
    id BLOB NOT NULL PRIMARY KEY,               -- UUIDv7
    comment_id BLOB NOT NULL,
    site TEXT NOT NULL,
    reported_at BIGINT NOT NULL,
    reporter TEXT NOT NULL,                     -- reader, site
    complaint TEXT NOT NULL,
    note TEXT
) WITHOUT ROWID;
CREATE INDEX reports_by_comment ON reports (comment_id);

-- Who did what to whom, append-only.
CREATE TABLE audit (
    id BLOB NOT NULL PRIMARY KEY,               -- UUIDv7
    occurred_at BIGINT NOT NULL,
    site TEXT,
    actor_kind TEXT NOT NULL,
    actor TEXT,
    action TEXT NOT NULL,
    subject TEXT,
    detail TEXT NOT NULL                        -- JSON without personal data
) WITHOUT ROWID;
CREATE INDEX audit_by_time ON audit (occurred_at);
