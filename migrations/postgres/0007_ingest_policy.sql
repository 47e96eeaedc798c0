-- What a workspace lets in, what is taken out of it before it is stored, and for how long it is kept. `salt` is sealed; under
-- it values are hashed, so that equal ones stay joinable. `cleared_at` is when nothing too old was left the last time.
CREATE TABLE ingest_policies (
  workspace_id TEXT NOT NULL PRIMARY KEY,
  spec TEXT NOT NULL,
  salt TEXT NOT NULL,
  retention_days BIGINT,
  cleared_at BIGINT,
  version BIGINT NOT NULL,
  updated_by TEXT,
  updated_at BIGINT NOT NULL
);
