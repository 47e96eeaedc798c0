-- Campaigns are matrices of agents, items and personas; they are paused, bounded, run again.

-- Of all that makes a run's outcome what it is, but its item: what is the same may be carried over.
ALTER TABLE campaigns ADD COLUMN config_hash TEXT;
ALTER TABLE campaigns ADD COLUMN rerun_of TEXT;
ALTER TABLE campaigns ADD COLUMN paused_reason TEXT;
-- Of two campaigns of a workspace the one with the higher number begins its runs first.
ALTER TABLE campaigns ADD COLUMN priority BIGINT NOT NULL DEFAULT 5;
CREATE INDEX campaigns_running ON campaigns (workspace_id, priority) WHERE status = 'running';
-- What was spent, where the campaign has a budget; and how long it ran before it was resumed last, in milliseconds.
ALTER TABLE campaigns ADD COLUMN spent_cost_usd DOUBLE PRECISION NOT NULL DEFAULT 0;
ALTER TABLE campaigns ADD COLUMN spent_tokens BIGINT NOT NULL DEFAULT 0;
ALTER TABLE campaigns ADD COLUMN spent_judge_calls BIGINT NOT NULL DEFAULT 0;
ALTER TABLE campaigns ADD COLUMN spent_calls BIGINT NOT NULL DEFAULT 0;
ALTER TABLE campaigns ADD COLUMN ran_ms BIGINT NOT NULL DEFAULT 0;
ALTER TABLE campaigns ADD COLUMN resumed_at BIGINT;

-- The agent of a run: its place in the campaign's snapshot. The persona that was put in place of the scenario's.
ALTER TABLE runs ADD COLUMN agent BIGINT NOT NULL DEFAULT 0;
ALTER TABLE runs ADD COLUMN persona_id TEXT;
-- The run whose outcome this one has, since nothing that it depends on has changed.
ALTER TABLE runs ADD COLUMN carried_from TEXT;
CREATE INDEX runs_item ON runs (workspace_id, campaign_id, item_key);

-- What agents have shown they can take, a JSON state each. `version` is the fence of those who change it.
CREATE TABLE target_paces (
  workspace_id TEXT NOT NULL,
  agent_id TEXT NOT NULL,
  state TEXT NOT NULL,
  version BIGINT NOT NULL,
  PRIMARY KEY (workspace_id, agent_id)
);

-- Agents are kept as they were, so that versions of one can be compared.
INSERT INTO resource_versions (workspace_id, kind, resource_id, version, spec, created_by, created_at)
  SELECT workspace_id, 'agents', id, version, spec, created_by, updated_at FROM agents;
