-- Traces know their root observation: of several the lowest `root_key` wins, which is lower the better a root it is, and
-- then the earlier it began.
ALTER TABLE traces ADD COLUMN root_key BIGINT;
ALTER TABLE traces ADD COLUMN root_id TEXT;
ALTER TABLE traces ADD COLUMN root_name TEXT;
ALTER TABLE traces ADD COLUMN public BIGINT;
ALTER TABLE traces ADD COLUMN created_at BIGINT;
DROP INDEX traces_name;
CREATE INDEX traces_named ON traces (workspace_id, coalesce(name, root_name), timestamp, id);

-- `input_hash` and `output_hash` name a text in `payloads`; then the text itself is not here.
ALTER TABLE observations ADD COLUMN completion_start_time BIGINT;
ALTER TABLE observations ADD COLUMN usage_details TEXT;
ALTER TABLE observations ADD COLUMN cost_details TEXT;
ALTER TABLE observations ADD COLUMN prompt_name TEXT;
ALTER TABLE observations ADD COLUMN prompt_version BIGINT;
ALTER TABLE observations ADD COLUMN environment TEXT;
ALTER TABLE observations ADD COLUMN version TEXT;
ALTER TABLE observations ADD COLUMN app_root BIGINT NOT NULL DEFAULT 0;
ALTER TABLE observations ADD COLUMN experiment_id TEXT;
ALTER TABLE observations ADD COLUMN experiment TEXT;
ALTER TABLE observations ADD COLUMN input_hash TEXT;
ALTER TABLE observations ADD COLUMN output_hash TEXT;
CREATE INDEX observations_id ON observations (workspace_id, id);
CREATE INDEX observations_experiment ON observations (workspace_id, experiment_id, start_time, trace_id, id) WHERE experiment_id IS NOT NULL;

ALTER TABLE scores ADD COLUMN session_id TEXT;
ALTER TABLE scores ADD COLUMN experiment_id TEXT;
ALTER TABLE scores ADD COLUMN environment TEXT;
ALTER TABLE scores ADD COLUMN config_id TEXT;
ALTER TABLE scores ADD COLUMN queue_id TEXT;
ALTER TABLE scores ADD COLUMN author_id TEXT;
CREATE INDEX scores_session ON scores (workspace_id, session_id, timestamp, id) WHERE session_id IS NOT NULL;
CREATE INDEX scores_experiment ON scores (workspace_id, experiment_id, timestamp, id) WHERE experiment_id IS NOT NULL;

-- Large texts, once each, and who has them: a text goes when the last trace that has it goes.
CREATE TABLE payloads (
  workspace_id TEXT NOT NULL,
  hash TEXT NOT NULL,
  text TEXT NOT NULL,
  PRIMARY KEY (workspace_id, hash)
);
CREATE TABLE payload_refs (
  workspace_id TEXT NOT NULL,
  trace_id TEXT NOT NULL,
  hash TEXT NOT NULL,
  PRIMARY KEY (workspace_id, trace_id, hash)
);
CREATE INDEX payload_refs_hash ON payload_refs (workspace_id, hash);

-- One write of the trace store: an INSERT into this view writes all tables, in one statement and so in one transaction.
-- Of two words on the same thing the one received later wins, whatever the order in which they come. `named` are traces
-- that only observations name: [id, time, root key, root id, root name]. An inner statement begins with its semicolon,
-- because a line that ends in one ends the migration's statement. `LIMIT -1` keeps SQLite from parsing a row once a column.
CREATE VIEW trace_writes AS SELECT '' AS workspace_id, '' AS refs, '' AS payloads, '' AS named, '' AS traces, '' AS observations, '' AS scores, 0 AS received_at WHERE 0;
CREATE TRIGGER trace_writes_insert INSTEAD OF INSERT ON trace_writes BEGIN
INSERT INTO payload_refs (workspace_id, trace_id, hash)
  SELECT NEW.workspace_id, value->>0, value->>1 FROM json_each(NEW.refs) WHERE true ON CONFLICT DO NOTHING
; INSERT INTO payloads (workspace_id, hash, text)
  SELECT NEW.workspace_id, value->>0, value->>1 FROM json_each(NEW.payloads) WHERE true ON CONFLICT DO NOTHING
; INSERT INTO traces (workspace_id, id, timestamp, tags, root_key, root_id, root_name, received_at, created_at)
  SELECT NEW.workspace_id, value->>0, value->>1, '[]', value->>2, value->>3, value->>4, NEW.received_at, NEW.received_at
  FROM json_each(NEW.named) WHERE true
  ON CONFLICT (workspace_id, id) DO UPDATE SET timestamp = min(timestamp, excluded.timestamp),
    root_id = iif(root_key IS NULL OR excluded.root_key <= root_key, excluded.root_id, root_id),
    root_name = iif(root_key IS NULL OR excluded.root_key <= root_key, excluded.root_name, root_name),
    root_key = min(coalesce(root_key, excluded.root_key), excluded.root_key)
  WHERE excluded.timestamp < timestamp OR root_key IS NULL OR excluded.root_key <= root_key
; INSERT INTO traces (workspace_id, id, timestamp, name, user_id, session_id, input, output, metadata, tags, environment,
    release, version, public, root_key, root_id, root_name, received_at, created_at)
  SELECT NEW.workspace_id, v->>'id', v->>'timestamp', v->>'name', v->>'user_id', v->>'session_id', v->>'input',
    v->>'output', v->>'metadata', v->>'tags', v->>'environment', v->>'release', v->>'version', v->>'public',
    v->>'root_key', v->>'root_id', v->>'root_name', NEW.received_at, NEW.received_at
  FROM (SELECT jsonb(value) AS v FROM json_each(NEW.traces) LIMIT -1) WHERE true
  ON CONFLICT (workspace_id, id) DO UPDATE SET
    timestamp = min(timestamp, excluded.timestamp),
    name = iif(excluded.received_at >= received_at, coalesce(excluded.name, name), coalesce(name, excluded.name)),
    user_id = iif(excluded.received_at >= received_at, coalesce(excluded.user_id, user_id), coalesce(user_id, excluded.user_id)),
    session_id = iif(excluded.received_at >= received_at, coalesce(excluded.session_id, session_id), coalesce(session_id, excluded.session_id)),
    input = iif(excluded.received_at >= received_at, coalesce(excluded.input, input), coalesce(input, excluded.input)),
    output = iif(excluded.received_at >= received_at, coalesce(excluded.output, output), coalesce(output, excluded.output)),
    metadata = CASE WHEN excluded.metadata IS NULL THEN metadata WHEN metadata IS NULL THEN excluded.metadata
      WHEN excluded.received_at >= received_at THEN json_patch(metadata, excluded.metadata)
      ELSE json_patch(excluded.metadata, metadata) END,
    tags = iif(excluded.tags = '[]' OR excluded.tags = tags, tags, (SELECT json_group_array(tag) FROM
      (SELECT value AS tag FROM json_each(traces.tags) UNION SELECT value FROM json_each(excluded.tags)))),
    environment = iif(excluded.received_at >= received_at, coalesce(excluded.environment, environment), coalesce(environment, excluded.environment)),
    release = iif(excluded.received_at >= received_at, coalesce(excluded.release, release), coalesce(release, excluded.release)),
    version = iif(excluded.received_at >= received_at, coalesce(excluded.version, version), coalesce(version, excluded.version)),
    public = iif(excluded.received_at >= received_at, coalesce(excluded.public, public), coalesce(public, excluded.public)),
    root_id = iif(excluded.root_key IS NOT NULL AND (root_key IS NULL OR excluded.root_key <= root_key), excluded.root_id, root_id),
    root_name = iif(excluded.root_key IS NOT NULL AND (root_key IS NULL OR excluded.root_key <= root_key), excluded.root_name, root_name),
    root_key = min(coalesce(root_key, excluded.root_key), coalesce(excluded.root_key, root_key)),
    received_at = max(received_at, excluded.received_at)
; INSERT INTO observations (workspace_id, trace_id, id, parent_id, type, name, start_time, end_time, completion_start_time,
    level, status_message, input, output, input_hash, output_hash, model, model_parameters, usage_input, usage_output,
    usage_details, cost_usd, cost_details, prompt_name, prompt_version, environment, version, app_root, experiment_id,
    experiment, metadata, received_at)
  SELECT NEW.workspace_id, v->>'trace_id', v->>'id', v->>'parent_id', v->>'type', v->>'name', v->>'start_time',
    v->>'end_time', v->>'completion_start_time', v->>'level', v->>'status_message', v->>'input', v->>'output',
    v->>'input_hash', v->>'output_hash', v->>'model', v->>'model_parameters', v->>'usage_input', v->>'usage_output',
    v->>'usage_details', v->>'cost_usd', v->>'cost_details', v->>'prompt_name', v->>'prompt_version', v->>'environment',
    v->>'version', v->>'app_root', v->>'experiment_id', v->>'experiment', v->>'metadata', NEW.received_at
  FROM (SELECT jsonb(value) AS v FROM json_each(NEW.observations) LIMIT -1) WHERE true
  ON CONFLICT (workspace_id, trace_id, id) DO UPDATE SET
    parent_id = excluded.parent_id, type = excluded.type, name = excluded.name, start_time = excluded.start_time,
    end_time = excluded.end_time, completion_start_time = excluded.completion_start_time, level = excluded.level,
    status_message = excluded.status_message, input = excluded.input, output = excluded.output,
    input_hash = excluded.input_hash, output_hash = excluded.output_hash, model = excluded.model,
    model_parameters = excluded.model_parameters, usage_input = excluded.usage_input,
    usage_output = excluded.usage_output, usage_details = excluded.usage_details, cost_usd = excluded.cost_usd,
    cost_details = excluded.cost_details, prompt_name = excluded.prompt_name, prompt_version = excluded.prompt_version,
    environment = excluded.environment, version = excluded.version, app_root = excluded.app_root,
    experiment_id = excluded.experiment_id, experiment = excluded.experiment, metadata = excluded.metadata,
    received_at = excluded.received_at
  WHERE excluded.received_at >= received_at
; INSERT INTO scores (workspace_id, id, trace_id, observation_id, session_id, experiment_id, name, data_type, value,
    string_value, source, comment, environment, config_id, queue_id, author_id, timestamp, metadata, received_at)
  SELECT NEW.workspace_id, v->>'id', v->>'trace_id', v->>'observation_id', v->>'session_id', v->>'experiment_id',
    v->>'name', v->>'data_type', v->>'value', v->>'string_value', v->>'source', v->>'comment', v->>'environment',
    v->>'config_id', v->>'queue_id', v->>'author_id', v->>'timestamp', v->>'metadata', NEW.received_at
  FROM (SELECT jsonb(value) AS v FROM json_each(NEW.scores) LIMIT -1) WHERE true
  ON CONFLICT (workspace_id, id) DO UPDATE SET
    trace_id = excluded.trace_id, observation_id = excluded.observation_id, session_id = excluded.session_id,
    experiment_id = excluded.experiment_id, name = excluded.name, data_type = excluded.data_type, value = excluded.value,
    string_value = excluded.string_value, source = excluded.source, comment = excluded.comment,
    environment = excluded.environment, config_id = excluded.config_id, queue_id = excluded.queue_id,
    author_id = excluded.author_id, timestamp = excluded.timestamp, metadata = excluded.metadata,
    received_at = excluded.received_at
  WHERE excluded.received_at >= received_at
; END;

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
