-- Beside the trace store: what events say, media, runs. The trace store itself rests in ClickHouse or in embedded SQLite.
-- What events say of an observation one by one: merged into the observation's row. Kept for a time, so that a create and
-- an update that arrive apart, in whatever order, make one observation. The event's id tells a repetition.
CREATE TABLE observation_patches (
  workspace_id TEXT NOT NULL,
  event_id TEXT NOT NULL,
  trace_id TEXT NOT NULL,
  observation_id TEXT NOT NULL,
  patch TEXT NOT NULL,
  received_at BIGINT NOT NULL,
  PRIMARY KEY (workspace_id, event_id)
);
CREATE INDEX observation_patches_of ON observation_patches (workspace_id, trace_id, observation_id);
CREATE INDEX observation_patches_old ON observation_patches (received_at);

-- Files that observations name: here is what they are; their bytes are in `media_parts`, in base64.
CREATE TABLE media (
  workspace_id TEXT NOT NULL,
  id TEXT NOT NULL,
  sha256 TEXT NOT NULL,
  content_type TEXT NOT NULL,
  content_length BIGINT NOT NULL,
  upload_token_hash TEXT,
  upload_status BIGINT,
  upload_error TEXT,
  uploaded_at BIGINT,
  created_at BIGINT NOT NULL,
  PRIMARY KEY (workspace_id, id)
);
CREATE TABLE media_parts (
  workspace_id TEXT NOT NULL,
  media_id TEXT NOT NULL,
  seq BIGINT NOT NULL,
  bytes TEXT NOT NULL,
  PRIMARY KEY (workspace_id, media_id, seq)
);
CREATE TABLE media_uses (
  workspace_id TEXT NOT NULL,
  media_id TEXT NOT NULL,
  trace_id TEXT NOT NULL,
  observation_id TEXT NOT NULL,
  field TEXT NOT NULL,
  created_at BIGINT NOT NULL,
  PRIMARY KEY (workspace_id, media_id, trace_id, observation_id, field)
);
CREATE INDEX media_uses_trace ON media_uses (workspace_id, trace_id);

-- Runs over a dataset as Langfuse's clients report them.
CREATE TABLE dataset_runs (
  workspace_id TEXT NOT NULL,
  id TEXT NOT NULL,
  dataset_id TEXT NOT NULL,
  name TEXT NOT NULL,
  description TEXT,
  metadata TEXT,
  created_at BIGINT NOT NULL,
  updated_at BIGINT NOT NULL,
  PRIMARY KEY (workspace_id, id)
);
CREATE UNIQUE INDEX dataset_runs_name ON dataset_runs (workspace_id, dataset_id, name);
CREATE TABLE dataset_run_items (
  workspace_id TEXT NOT NULL,
  id TEXT NOT NULL,
  run_id TEXT NOT NULL,
  item_id TEXT NOT NULL,
  trace_id TEXT NOT NULL,
  observation_id TEXT,
  created_at BIGINT NOT NULL,
  updated_at BIGINT NOT NULL,
  PRIMARY KEY (workspace_id, id)
);
CREATE UNIQUE INDEX dataset_run_items_of ON dataset_run_items (workspace_id, run_id, item_id, trace_id);
