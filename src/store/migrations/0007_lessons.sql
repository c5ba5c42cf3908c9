-- What one decision on near-identical comments teaches, so that its one label stays for as
-- long as any of those decisions stands. Null: it teaches nothing, or was made before.
ALTER TABLE decisions ADD COLUMN lesson BLOB;   -- UUIDv7
CREATE INDEX decisions_by_lesson ON decisions (lesson) WHERE lesson IS NOT NULL;
ALTER TABLE labels ADD COLUMN lesson BLOB;
