-- One row, rewritten to find out whether the database takes writes.
CREATE TABLE probe (
    id BIGINT NOT NULL PRIMARY KEY,
    probed_at BIGINT NOT NULL,
    ballast BLOB                                -- as much as a comment takes, while the store was down
) WITHOUT ROWID;
INSERT INTO probe (id, probed_at) VALUES (1, 0);

-- Servers look whether an author was erased, to forget what they remember.
CREATE INDEX audit_erasures ON audit (id) WHERE action = 'erase';

-- Of events that are past their retention nothing is to be told.
DELETE FROM webhook_deliveries WHERE NOT EXISTS (SELECT 1 FROM events
    WHERE events.site = webhook_deliveries.site AND events.number = webhook_deliveries.event_number);
