-- What the installation knows of itself: generated keys, the wrapped pepper, whether the first owner exists.
CREATE TABLE system_settings (
  name TEXT NOT NULL PRIMARY KEY,
  value TEXT NOT NULL,
  created_at BIGINT NOT NULL
);

CREATE TABLE workspaces (
  id TEXT NOT NULL PRIMARY KEY,
  name TEXT NOT NULL,
  created_at BIGINT NOT NULL,
  updated_at BIGINT NOT NULL
);

CREATE TABLE users (
  id TEXT NOT NULL PRIMARY KEY,
  email TEXT NOT NULL UNIQUE,
  created_at BIGINT NOT NULL
);

CREATE TABLE members (
  workspace_id TEXT NOT NULL,
  user_id TEXT NOT NULL,
  role TEXT NOT NULL,
  created_at BIGINT NOT NULL,
  PRIMARY KEY (workspace_id, user_id)
);

-- Only a keyed hash of the secret is kept.
CREATE TABLE api_keys (
  workspace_id TEXT NOT NULL,
  id TEXT NOT NULL,
  name TEXT NOT NULL,
  public_key TEXT NOT NULL,
  secret_hash TEXT NOT NULL,
  role TEXT NOT NULL,
  created_by TEXT,
  created_at BIGINT NOT NULL,
  expires_at BIGINT,
  revoked_at BIGINT,
  PRIMARY KEY (workspace_id, id)
);
CREATE UNIQUE INDEX api_keys_public ON api_keys (public_key);
CREATE UNIQUE INDEX api_keys_secret ON api_keys (secret_hash);

CREATE TABLE agents (
  workspace_id TEXT NOT NULL,
  id TEXT NOT NULL,
  name TEXT NOT NULL,
  spec TEXT NOT NULL,
  credential TEXT,
  version BIGINT NOT NULL,
  created_by TEXT,
  created_at BIGINT NOT NULL,
  updated_at BIGINT NOT NULL,
  deleted_at BIGINT,
  PRIMARY KEY (workspace_id, id)
);
CREATE UNIQUE INDEX agents_name ON agents (workspace_id, name) WHERE deleted_at IS NULL;
CREATE INDEX agents_newest ON agents (workspace_id, created_at, id) WHERE deleted_at IS NULL;

CREATE TABLE models (
  workspace_id TEXT NOT NULL,
  id TEXT NOT NULL,
  name TEXT NOT NULL,
  spec TEXT NOT NULL,
  credential TEXT,
  version BIGINT NOT NULL,
  created_by TEXT,
  created_at BIGINT NOT NULL,
  updated_at BIGINT NOT NULL,
  deleted_at BIGINT,
  PRIMARY KEY (workspace_id, id)
);
CREATE UNIQUE INDEX models_name ON models (workspace_id, name) WHERE deleted_at IS NULL;
CREATE INDEX models_newest ON models (workspace_id, created_at, id) WHERE deleted_at IS NULL;

CREATE TABLE scenarios (
  workspace_id TEXT NOT NULL,
  id TEXT NOT NULL,
  name TEXT NOT NULL,
  spec TEXT NOT NULL,
  credential TEXT,
  version BIGINT NOT NULL,
  created_by TEXT,
  created_at BIGINT NOT NULL,
  updated_at BIGINT NOT NULL,
  deleted_at BIGINT,
  PRIMARY KEY (workspace_id, id)
);
CREATE UNIQUE INDEX scenarios_name ON scenarios (workspace_id, name) WHERE deleted_at IS NULL;
CREATE INDEX scenarios_newest ON scenarios (workspace_id, created_at, id) WHERE deleted_at IS NULL;

CREATE TABLE datasets (
  workspace_id TEXT NOT NULL,
  id TEXT NOT NULL,
  name TEXT NOT NULL,
  spec TEXT NOT NULL,
  credential TEXT,
  version BIGINT NOT NULL,
  created_by TEXT,
  created_at BIGINT NOT NULL,
  updated_at BIGINT NOT NULL,
  deleted_at BIGINT,
  PRIMARY KEY (workspace_id, id)
);
CREATE UNIQUE INDEX datasets_name ON datasets (workspace_id, name) WHERE deleted_at IS NULL;
CREATE INDEX datasets_newest ON datasets (workspace_id, created_at, id) WHERE deleted_at IS NULL;

CREATE TABLE dataset_items (
  workspace_id TEXT NOT NULL,
  dataset_id TEXT NOT NULL,
  id TEXT NOT NULL,
  item_key TEXT NOT NULL,
  position BIGINT NOT NULL,
  item TEXT NOT NULL,
  created_at BIGINT NOT NULL,
  updated_at BIGINT NOT NULL,
  PRIMARY KEY (workspace_id, dataset_id, id)
);
CREATE UNIQUE INDEX dataset_items_key ON dataset_items (workspace_id, dataset_id, item_key);
CREATE INDEX dataset_items_position ON dataset_items (workspace_id, dataset_id, position, id);

-- `snapshot` is what a run needs of agent and models, as they were at the start; secrets in it are envelopes.
CREATE TABLE campaigns (
  workspace_id TEXT NOT NULL,
  id TEXT NOT NULL,
  name TEXT NOT NULL,
  status TEXT NOT NULL,
  spec TEXT NOT NULL,
  snapshot TEXT NOT NULL,
  idempotency_key TEXT,
  created_by TEXT,
  created_at BIGINT NOT NULL,
  finished_at BIGINT,
  PRIMARY KEY (workspace_id, id)
);
CREATE INDEX campaigns_newest ON campaigns (workspace_id, created_at, id);
CREATE UNIQUE INDEX campaigns_idempotency ON campaigns (workspace_id, idempotency_key) WHERE idempotency_key IS NOT NULL;
CREATE INDEX campaigns_open ON campaigns (status) WHERE status IN ('queued', 'running');

-- `checkpoint` names the newest checkpoint in the key-value store; `seq` counts steps and is the fence of the lease.
CREATE TABLE runs (
  workspace_id TEXT NOT NULL,
  id TEXT NOT NULL,
  campaign_id TEXT NOT NULL,
  item_key TEXT NOT NULL,
  position BIGINT NOT NULL,
  repetition BIGINT NOT NULL,
  item TEXT NOT NULL,
  status TEXT NOT NULL,
  seq BIGINT NOT NULL,
  checkpoint TEXT,
  lease_token TEXT,
  lease_until BIGINT,
  recoveries BIGINT NOT NULL DEFAULT 0,
  outcome TEXT,
  created_at BIGINT NOT NULL,
  started_at BIGINT,
  finished_at BIGINT,
  PRIMARY KEY (workspace_id, id)
);
CREATE INDEX runs_position ON runs (workspace_id, campaign_id, position, id);
CREATE INDEX runs_status ON runs (workspace_id, campaign_id, status, position);
CREATE INDEX runs_leased ON runs (lease_until) WHERE status = 'running';
