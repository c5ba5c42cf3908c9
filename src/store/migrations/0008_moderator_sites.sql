-- Which sites a moderator is limited to: ids with blanks between; null: to none, so all.
ALTER TABLE moderators ADD COLUMN sites TEXT;
