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
