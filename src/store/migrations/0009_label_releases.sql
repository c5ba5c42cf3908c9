-- Labels that the guard holds back and a person let through: append-only.
CREATE TABLE label_releases (
    label_id BLOB NOT NULL PRIMARY KEY,
    released_at BIGINT NOT NULL,
    actor_kind TEXT NOT NULL,
    actor TEXT,
    why TEXT
) WITHOUT ROWID;
