-- What was retracted of the labels: append-only, as they are.
CREATE TABLE label_retractions (
    label_id BLOB NOT NULL PRIMARY KEY,
    retracted_at BIGINT NOT NULL,
    actor_kind TEXT NOT NULL,
    actor TEXT,                                 -- the moderator's name, for one
    why TEXT
) WITHOUT ROWID;
INSERT INTO label_retractions (label_id, retracted_at, actor_kind, actor, why)
    SELECT id, retracted_at, 'moderator', retracted_by, 'undone' FROM labels
    WHERE retracted_at IS NOT NULL;
ALTER TABLE labels DROP COLUMN retracted_at;
ALTER TABLE labels DROP COLUMN retracted_by;

ALTER TABLE labels ADD COLUMN origin TEXT;      -- the file that an import came from
ALTER TABLE labels ADD COLUMN group_name TEXT;  -- what stays on one side of a split
CREATE INDEX labels_by_time ON labels (labelled_at, id);
