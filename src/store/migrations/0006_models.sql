-- Every model that was trained or brought here, by the hash of its content.
CREATE TABLE models (
    id TEXT NOT NULL PRIMARY KEY,               -- m- and 16 hexadecimal digits
    origin TEXT NOT NULL,                       -- labels, import
    base TEXT,                                  -- the model that was adapted
    parent TEXT,                                -- the model that was live then
    feature_version BIGINT NOT NULL,
    bytes BIGINT NOT NULL,                      -- length of the artefact
    created_at BIGINT NOT NULL,
    actor_kind TEXT NOT NULL,
    actor TEXT,
    settings TEXT,                              -- JSON
    labels TEXT,                                -- JSON: which labels it was trained on
    evaluation TEXT                             -- JSON: on labels it had not seen
) WITHOUT ROWID;
CREATE INDEX models_by_time ON models (created_at);
CREATE TABLE model_artefacts (
    id TEXT NOT NULL PRIMARY KEY,
    artefact BLOB NOT NULL
);

-- Which model is live, append-only: the last row says so. Who promotes appends the
-- number after the last one it saw, so of two at once one fails.
CREATE TABLE promotions (
    number BIGINT NOT NULL PRIMARY KEY,         -- from 1
    model TEXT,                                 -- null: the configured one
    kind TEXT NOT NULL,                         -- promote, roll_back
    promoted_at BIGINT NOT NULL,
    actor_kind TEXT NOT NULL,
    actor TEXT,
    why TEXT,
    checks TEXT                                 -- JSON: what spoke for and against it
) WITHOUT ROWID;
