-- What is on trial beside the live model. A row of promotions says all that is in force: who
-- changes a part of it appends a row with the rest as it was. Shares are millionths; null:
-- there is none, and the columns beside it say nothing.
ALTER TABLE promotions ADD COLUMN canary_share BIGINT;
ALTER TABLE promotions ADD COLUMN canary TEXT;              -- null: the configured one
ALTER TABLE promotions ADD COLUMN canary_since BIGINT;
ALTER TABLE promotions ADD COLUMN shadow_share BIGINT;
ALTER TABLE promotions ADD COLUMN shadow TEXT;              -- null: the configured one
ALTER TABLE promotions ADD COLUMN shadow_since BIGINT;
ALTER TABLE promotions ADD COLUMN shadow_sites TEXT;        -- ids with blanks between; null: all

-- What a model in shadow made of a comment that the live one judged. Goes with the comment.
CREATE TABLE shadow_verdicts (
    comment_id BLOB NOT NULL PRIMARY KEY,
    model TEXT NOT NULL,
    spam DOUBLE PRECISION NOT NULL,
    toxicity DOUBLE PRECISION NOT NULL,
    decision TEXT NOT NULL                      -- approve, hold, reject
) WITHOUT ROWID;

-- Since when a model's artefact is gone; null: it is there.
ALTER TABLE models ADD COLUMN removed_at BIGINT;
