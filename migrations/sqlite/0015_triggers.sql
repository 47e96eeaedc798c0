-- What starts campaigns by itself.

-- Hooks of other programs. `secrets` is a sealed JSON list of what requests are signed with; `token` is sealed, and for the
-- statuses that go back.
CREATE TABLE hooks (
  workspace_id TEXT NOT NULL,
  id TEXT NOT NULL,
  name TEXT NOT NULL,
  provider TEXT NOT NULL,
  enabled BIGINT NOT NULL,
  spec TEXT NOT NULL,
  secrets TEXT NOT NULL,
  secret_count BIGINT NOT NULL,
  token TEXT,
  version BIGINT NOT NULL,
  created_by TEXT,
  created_at BIGINT NOT NULL,
  updated_by TEXT,
  updated_at BIGINT NOT NULL,
  PRIMARY KEY (workspace_id, id)
);
CREATE UNIQUE INDEX hooks_id ON hooks (id);
CREATE UNIQUE INDEX hooks_name ON hooks (workspace_id, name);
CREATE INDEX hooks_newest ON hooks (workspace_id, created_at, id);

-- What came within a day. A delivery that starts a campaign holds two keys, its id and the hash of its body, so that it starts
-- no other one when it comes again; the second until `body_until`.
CREATE TABLE hook_deliveries (
  workspace_id TEXT NOT NULL,
  hook_id TEXT NOT NULL,
  id TEXT NOT NULL,
  delivery_id TEXT NOT NULL,
  event TEXT,
  outcome TEXT NOT NULL,
  reason TEXT,
  campaign_id TEXT,
  id_key TEXT,
  body_key TEXT,
  body_until BIGINT,
  repeats BIGINT NOT NULL,
  received_at BIGINT NOT NULL,
  PRIMARY KEY (workspace_id, hook_id, id)
);
CREATE UNIQUE INDEX hook_deliveries_id ON hook_deliveries (workspace_id, hook_id, id_key) WHERE id_key IS NOT NULL;
CREATE UNIQUE INDEX hook_deliveries_body ON hook_deliveries (workspace_id, hook_id, body_key) WHERE body_key IS NOT NULL;
CREATE INDEX hook_deliveries_newest ON hook_deliveries (workspace_id, hook_id, received_at, id);
CREATE INDEX hook_deliveries_oldest ON hook_deliveries (received_at);

-- What a commit is to be told of its campaign, and what it was told. Nothing is due where `due_at` is null; the lease says who
-- is sending. `remote_id` is the other side's number of it.
CREATE TABLE hook_statuses (
  workspace_id TEXT NOT NULL,
  campaign_id TEXT NOT NULL,
  hook_id TEXT NOT NULL,
  event TEXT NOT NULL,
  wanted TEXT NOT NULL,
  description TEXT NOT NULL,
  told TEXT,
  attempts BIGINT NOT NULL,
  due_at BIGINT,
  lease_until BIGINT NOT NULL,
  remote_id BIGINT,
  last_error TEXT,
  updated_at BIGINT NOT NULL,
  PRIMARY KEY (workspace_id, campaign_id)
);
CREATE INDEX hook_statuses_due ON hook_statuses (due_at) WHERE due_at IS NOT NULL;
CREATE INDEX hook_statuses_open ON hook_statuses (campaign_id) WHERE wanted = 'pending';
CREATE INDEX hook_statuses_hook ON hook_statuses (workspace_id, hook_id);

-- Campaigns by the clock. `next_at` is null where nothing is due. `starting_at` is the time whose campaign is being started,
-- by whoever has the lease.
CREATE TABLE schedules (
  workspace_id TEXT NOT NULL,
  id TEXT NOT NULL,
  name TEXT NOT NULL,
  enabled BIGINT NOT NULL,
  spec TEXT NOT NULL,
  version BIGINT NOT NULL,
  next_at BIGINT,
  starting_at BIGINT,
  lease_until BIGINT NOT NULL,
  last_at BIGINT,
  last_campaign_id TEXT,
  last_error TEXT,
  created_by TEXT,
  created_at BIGINT NOT NULL,
  updated_by TEXT,
  updated_at BIGINT NOT NULL,
  PRIMARY KEY (workspace_id, id)
);
CREATE UNIQUE INDEX schedules_name ON schedules (workspace_id, name);
CREATE INDEX schedules_newest ON schedules (workspace_id, created_at, id);
CREATE INDEX schedules_due ON schedules (next_at) WHERE next_at IS NOT NULL;
CREATE INDEX schedules_starting ON schedules (lease_until) WHERE starting_at IS NOT NULL;

-- A signed request names a run that waits, and no workspace.
CREATE INDEX runs_asking ON runs (id) WHERE status = 'waiting_for_person';
