-- Approvals that came in a burst, hundreds to a row, until there is time to make rows of
-- comments and decisions of them: see src/store/packed.
CREATE TABLE packed_approvals (
    id BLOB NOT NULL PRIMARY KEY,               -- the lowest id of a comment in it
    last_id BLOB NOT NULL,                      -- the highest
    records BIGINT NOT NULL,
    bytes BIGINT NOT NULL,                      -- of the body
    format BIGINT NOT NULL,                     -- of the body
    body BLOB NOT NULL                          -- JSON
);
-- Not compressed, which would cost more than it spares.
ALTER TABLE packed_approvals ALTER COLUMN body SET STORAGE EXTERNAL; -- PostgreSQL alone
