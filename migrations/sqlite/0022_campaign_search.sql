-- What the list of campaigns is searched for: name and tags in lower case. Of campaigns that are there already the name alone.
ALTER TABLE campaigns ADD COLUMN search TEXT NOT NULL DEFAULT '';
UPDATE campaigns SET search = LOWER(name);
