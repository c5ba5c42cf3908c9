-- Long work that a server does for an operator, such as training. Of each kind at most one
-- runs at a time, whatever the number of replicas.
CREATE TABLE operations (
    id BLOB NOT NULL PRIMARY KEY,
    kind TEXT NOT NULL,                         -- train, replay
    state TEXT NOT NULL,                        -- running, done, failed, cancelled
    request TEXT NOT NULL,                      -- JSON
    progress TEXT,                              -- JSON
    outcome TEXT,                               -- JSON: what came of it, or why it failed
    actor_kind TEXT NOT NULL,
    actor TEXT,
    created_at BIGINT NOT NULL,
    seen_at BIGINT NOT NULL,                    -- when the server that runs it last said so
    ended_at BIGINT,
    cancelled_at BIGINT,                        -- when somebody asked to end it, and who
    cancelled_by_kind TEXT,
    cancelled_by TEXT
);
CREATE UNIQUE INDEX operations_running ON operations (kind) WHERE state = 'running';
CREATE INDEX operations_by_time ON operations (created_at, id);
