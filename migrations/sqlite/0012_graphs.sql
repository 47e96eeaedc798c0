-- Runs are graphs: they wait for people and for time, and are forked.

-- What a run waits for: a JSON list of questions. What it was answered since: a JSON object by question.
ALTER TABLE runs ADD COLUMN waits TEXT;
ALTER TABLE runs ADD COLUMN answers TEXT;
-- The run and the checkpoint of it that this one goes on from. A fork is no part of its campaign's result.
ALTER TABLE runs ADD COLUMN forked_from TEXT;
ALTER TABLE runs ADD COLUMN forked_at TEXT;

-- A run that waits for time is due as one whose lease has run out.
DROP INDEX runs_leased;
CREATE INDEX runs_leased ON runs (lease_until) WHERE lease_until IS NOT NULL;
CREATE INDEX runs_forks ON runs (workspace_id, forked_from, id) WHERE forked_from IS NOT NULL;
