-- The trace store, where no ClickHouse is configured. `received_at` decides which of two writes of the same thing is the
-- later one, so that a replay out of the spool changes nothing that came after it.
CREATE TABLE traces (
  workspace_id TEXT NOT NULL,
  id TEXT NOT NULL,
  timestamp BIGINT NOT NULL,
  name TEXT,
  user_id TEXT,
  session_id TEXT,
  input TEXT,
  output TEXT,
  metadata TEXT,
  tags TEXT NOT NULL,
  environment TEXT,
  release TEXT,
  version TEXT,
  received_at BIGINT NOT NULL,
  PRIMARY KEY (workspace_id, id)
);
CREATE INDEX traces_newest ON traces (workspace_id, timestamp, id);
CREATE INDEX traces_name ON traces (workspace_id, name, timestamp, id) WHERE name IS NOT NULL;
CREATE INDEX traces_user ON traces (workspace_id, user_id, timestamp, id) WHERE user_id IS NOT NULL;
CREATE INDEX traces_session ON traces (workspace_id, session_id, timestamp, id) WHERE session_id IS NOT NULL;

CREATE TABLE observations (
  workspace_id TEXT NOT NULL,
  trace_id TEXT NOT NULL,
  id TEXT NOT NULL,
  parent_id TEXT,
  type TEXT NOT NULL,
  name TEXT NOT NULL,
  start_time BIGINT NOT NULL,
  end_time BIGINT,
  level TEXT NOT NULL,
  status_message TEXT,
  input TEXT,
  output TEXT,
  model TEXT,
  model_parameters TEXT,
  usage_input BIGINT,
  usage_output BIGINT,
  cost_usd DOUBLE PRECISION,
  metadata TEXT,
  received_at BIGINT NOT NULL,
  PRIMARY KEY (workspace_id, trace_id, id)
);
CREATE INDEX observations_newest ON observations (workspace_id, start_time, trace_id, id);

CREATE TABLE scores (
  workspace_id TEXT NOT NULL,
  id TEXT NOT NULL,
  trace_id TEXT NOT NULL,
  observation_id TEXT,
  name TEXT NOT NULL,
  data_type TEXT NOT NULL,
  value DOUBLE PRECISION,
  string_value TEXT,
  source TEXT NOT NULL,
  comment TEXT,
  timestamp BIGINT NOT NULL,
  metadata TEXT,
  received_at BIGINT NOT NULL,
  PRIMARY KEY (workspace_id, id)
);
CREATE INDEX scores_newest ON scores (workspace_id, timestamp, id);
CREATE INDEX scores_name ON scores (workspace_id, name, timestamp, id);
CREATE INDEX scores_trace ON scores (workspace_id, trace_id, timestamp, id);

-- Batches that were acknowledged while the trace store did not take them. Ids sort by time.
CREATE TABLE trace_spool (
  workspace_id TEXT NOT NULL,
  id TEXT NOT NULL,
  batch TEXT NOT NULL,
  attempts BIGINT NOT NULL,
  last_error TEXT,
  created_at BIGINT NOT NULL,
  PRIMARY KEY (workspace_id, id)
);
CREATE INDEX trace_spool_oldest ON trace_spool (created_at, id);
