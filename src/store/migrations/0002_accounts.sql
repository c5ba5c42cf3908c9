-- Who may sign in. Of secrets, hashes alone.
CREATE TABLE moderators (
    id TEXT NOT NULL PRIMARY KEY,               -- UUIDv7
    name TEXT NOT NULL,
    folded_name TEXT NOT NULL UNIQUE,           -- in lower case
    role TEXT NOT NULL,                         -- moderator, operator, admin
    password_hash TEXT,                         -- argon2, PHC string
    created_at BIGINT NOT NULL,
    disabled_at BIGINT,
    signed_in_at BIGINT
) WITHOUT ROWID;

CREATE TABLE sessions (
    hash TEXT NOT NULL PRIMARY KEY,
    moderator TEXT NOT NULL REFERENCES moderators (id),
    created_at BIGINT NOT NULL,
    idle_until BIGINT NOT NULL,
    expires_at BIGINT NOT NULL
) WITHOUT ROWID;
CREATE INDEX sessions_by_moderator ON sessions (moderator);

CREATE TABLE sign_in_links (
    hash TEXT NOT NULL PRIMARY KEY,
    moderator TEXT REFERENCES moderators (id),  -- null: the first admin, who is not there yet
    expires_at BIGINT NOT NULL
) WITHOUT ROWID;

CREATE TABLE api_tokens (
    id TEXT NOT NULL PRIMARY KEY,               -- UUIDv7
    hash TEXT NOT NULL UNIQUE,
    moderator TEXT NOT NULL REFERENCES moderators (id),
    label TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    expires_at BIGINT,
    used_at BIGINT
) WITHOUT ROWID;
CREATE INDEX api_tokens_by_moderator ON api_tokens (moderator);
