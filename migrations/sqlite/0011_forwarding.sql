-- Where a workspace's traces are forwarded to. `credential` is sealed. `sent`, `failed` and `dropped` count observations.
-- Nothing is sent before `retry_at`, which `failures` in a row put off; the lease says who is sending.
CREATE TABLE forward_destinations (
  workspace_id TEXT NOT NULL,
  id TEXT NOT NULL,
  name TEXT NOT NULL,
  kind TEXT NOT NULL,
  enabled BIGINT NOT NULL,
  sampling_rate DOUBLE PRECISION NOT NULL,
  spec TEXT NOT NULL,
  credential TEXT,
  version BIGINT NOT NULL,
  created_by TEXT,
  created_at BIGINT NOT NULL,
  updated_by TEXT,
  updated_at BIGINT NOT NULL,
  sent BIGINT NOT NULL,
  failed BIGINT NOT NULL,
  dropped BIGINT NOT NULL,
  last_sent_at BIGINT,
  last_error TEXT,
  last_error_at BIGINT,
  failures BIGINT NOT NULL,
  retry_at BIGINT NOT NULL,
  lease_token TEXT,
  lease_until BIGINT NOT NULL,
  PRIMARY KEY (workspace_id, id)
);
CREATE UNIQUE INDEX forward_destinations_id ON forward_destinations (id);
CREATE UNIQUE INDEX forward_destinations_name ON forward_destinations (workspace_id, name);

-- Observations that wait to be sent, each once; without an id it is what is known of the trace as a whole. Their contents
-- are where they always are. A word on it that comes while it waits is another `word_at`.
CREATE TABLE forward_queue (
  workspace_id TEXT NOT NULL,
  destination_id TEXT NOT NULL,
  trace_id TEXT NOT NULL,
  observation_id TEXT NOT NULL,
  word_at BIGINT NOT NULL,
  attempts BIGINT NOT NULL,
  queued_at BIGINT NOT NULL,
  due_at BIGINT NOT NULL,
  PRIMARY KEY (workspace_id, destination_id, trace_id, observation_id)
);
CREATE INDEX forward_queue_oldest ON forward_queue (workspace_id, destination_id, queued_at);
