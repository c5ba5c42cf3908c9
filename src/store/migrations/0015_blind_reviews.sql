-- Blind re-review: decisions that were drawn to be looked at a second time, by somebody who
-- sees the text alone. A day is drawn from once, when it is over.
CREATE TABLE blind_draws (
    day BIGINT NOT NULL PRIMARY KEY,            -- days since 1970, UTC
    drawn_at BIGINT NOT NULL
) WITHOUT ROWID;

CREATE TABLE blind_samples (
    id BLOB NOT NULL PRIMARY KEY,               -- keyed hash: tells nothing, and sorts as chance would
    comment_id BLOB NOT NULL,
    decision_number BIGINT NOT NULL,            -- which decision is looked at again
    site TEXT NOT NULL,
    drawn_at BIGINT NOT NULL,
    claimed_by TEXT NOT NULL,                   -- 'moderator ayesha', 'operator '; '': nobody
    claimed_until BIGINT NOT NULL
) WITHOUT ROWID;
CREATE INDEX blind_samples_by_comment ON blind_samples (comment_id);

-- The answers, append-only. They hold no text.
CREATE TABLE blind_answers (
    sample_id BLOB NOT NULL PRIMARY KEY,
    comment_id BLOB NOT NULL,
    site TEXT NOT NULL,
    answered_at BIGINT NOT NULL,
    answer TEXT NOT NULL,                       -- approve, reject
    why TEXT,
    actor_kind TEXT NOT NULL,
    actor TEXT,
    standing_number BIGINT NOT NULL,            -- the decision that stood then
    standing TEXT NOT NULL,                     -- approve, reject
    standing_kind TEXT NOT NULL,
    standing_actor TEXT
) WITHOUT ROWID;
CREATE INDEX blind_answers_by_time ON blind_answers (answered_at);
CREATE INDEX blind_answers_by_comment ON blind_answers (comment_id);
