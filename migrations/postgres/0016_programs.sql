-- Programs in WebAssembly that scenarios run, kept as the other resources are.
CREATE TABLE programs (
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
CREATE UNIQUE INDEX programs_name ON programs (workspace_id, name) WHERE deleted_at IS NULL;
CREATE INDEX programs_newest ON programs (workspace_id, created_at, id) WHERE deleted_at IS NULL;
CREATE INDEX programs_updated ON programs (workspace_id, updated_at, id) WHERE deleted_at IS NULL;
CREATE INDEX programs_named ON programs (workspace_id, name, id) WHERE deleted_at IS NULL;
CREATE INDEX programs_creator ON programs (workspace_id, created_by, created_at, id) WHERE deleted_at IS NULL;
CREATE INDEX programs_deleted ON programs (workspace_id, created_at, id) WHERE deleted_at IS NOT NULL;
CREATE INDEX programs_all ON programs (workspace_id, created_at, id);

-- Their bytes, in base64, which are written once: lists need not pass over them.
CREATE TABLE program_bytes (
  workspace_id TEXT NOT NULL,
  program_id TEXT NOT NULL,
  wasm TEXT NOT NULL,
  PRIMARY KEY (workspace_id, program_id)
);
