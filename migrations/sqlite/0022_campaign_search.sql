-- What the list of campaigns is searched for: the name in lower case, which SQLite makes of ASCII only and the platform of everything.
ALTER TABLE campaigns ADD COLUMN search TEXT NOT NULL DEFAULT '';
UPDATE campaigns SET search = LOWER(name);
