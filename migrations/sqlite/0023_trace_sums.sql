-- Sums over the observations of each trace, made anew of all of them with every write that has some: who asks about many
-- traces reads a row of each. Microseconds, tokens, US dollars.
CREATE TABLE trace_sums (
  workspace_id TEXT NOT NULL,
  trace_id TEXT NOT NULL,
  n BIGINT NOT NULL,
  errors BIGINT NOT NULL,
  warnings BIGINT NOT NULL,
  latency BIGINT NOT NULL,
  input BIGINT,
  output BIGINT,
  tokens BIGINT,
  cost DOUBLE PRECISION,
  PRIMARY KEY (workspace_id, trace_id)
) WITHOUT ROWID;
INSERT INTO trace_sums (workspace_id, trace_id, n, errors, warnings, latency, input, output, tokens, cost)
  SELECT o.workspace_id, o.trace_id, count(*), sum(o.level = 'ERROR'), sum(o.level = 'WARNING'),
    max(max(o.start_time, coalesce(o.end_time, o.start_time))) - min(o.start_time), sum(o.usage_input), sum(o.usage_output),
    sum(coalesce(o.usage_input, 0) + coalesce(o.usage_output, 0)), sum(o.cost_usd)
  FROM observations AS o GROUP BY o.workspace_id, o.trace_id;
DROP TRIGGER trace_writes_insert;
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
; INSERT INTO trace_sums (workspace_id, trace_id, n, errors, warnings, latency, input, output, tokens, cost)
  SELECT o.workspace_id, o.trace_id, count(*), sum(o.level = 'ERROR'), sum(o.level = 'WARNING'),
    max(max(o.start_time, coalesce(o.end_time, o.start_time))) - min(o.start_time), sum(o.usage_input), sum(o.usage_output),
    sum(coalesce(o.usage_input, 0) + coalesce(o.usage_output, 0)), sum(o.cost_usd)
  FROM observations AS o WHERE o.workspace_id = NEW.workspace_id
    AND o.trace_id IN (SELECT value->>'trace_id' FROM json_each(NEW.observations))
  GROUP BY o.trace_id
  ON CONFLICT (workspace_id, trace_id) DO UPDATE SET n = excluded.n, errors = excluded.errors, warnings = excluded.warnings,
    latency = excluded.latency, input = excluded.input, output = excluded.output, tokens = excluded.tokens, cost = excluded.cost
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
