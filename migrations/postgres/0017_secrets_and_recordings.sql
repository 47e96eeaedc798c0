-- What headers of agents and scenarios name: `credential` is the sealed value.
CREATE TABLE secrets (
  workspace_id TEXT NOT NULL,
  id TEXT NOT NULL,
  name TEXT NOT NULL,
  spec TEXT NOT NULL,
  search TEXT NOT NULL,
  credential TEXT,
  version BIGINT NOT NULL,
  created_by TEXT,
  created_at BIGINT NOT NULL,
  updated_at BIGINT NOT NULL,
  deleted_at BIGINT,
  PRIMARY KEY (workspace_id, id)
);
CREATE UNIQUE INDEX secrets_name ON secrets (workspace_id, name) WHERE deleted_at IS NULL;
CREATE INDEX secrets_newest ON secrets (workspace_id, created_at, id) WHERE deleted_at IS NULL;
CREATE INDEX secrets_updated ON secrets (workspace_id, updated_at, id) WHERE deleted_at IS NULL;
CREATE INDEX secrets_named ON secrets (workspace_id, name, id) WHERE deleted_at IS NULL;
CREATE INDEX secrets_creator ON secrets (workspace_id, created_by, created_at, id) WHERE deleted_at IS NULL;
CREATE INDEX secrets_deleted ON secrets (workspace_id, created_at, id) WHERE deleted_at IS NOT NULL;
CREATE INDEX secrets_all ON secrets (workspace_id, created_at, id);

-- What became of a campaign's recording: `kept`, `going` while it is deleted, `deleted`; null where none was made.
ALTER TABLE campaigns ADD COLUMN recording TEXT;
CREATE INDEX campaigns_recorded ON campaigns (recording, workspace_id, finished_at) WHERE recording IS NOT NULL;

-- The tasks whose calls were written down, by the places that they are found at.
CREATE TABLE recordings (
  workspace_id TEXT NOT NULL,
  campaign_id TEXT NOT NULL,
  place TEXT NOT NULL,
  PRIMARY KEY (workspace_id, campaign_id, place)
);
