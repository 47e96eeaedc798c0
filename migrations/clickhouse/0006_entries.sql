-- A page reads some dozen rows by their ids: what is unpacked for each of them is a few kilobytes a column, not 64.
ALTER TABLE trace_rows MODIFY SETTING min_compress_block_size = 2048;
ALTER TABLE observation_rows MODIFY SETTING min_compress_block_size = 2048;
ALTER TABLE score_rows MODIFY SETTING min_compress_block_size = 4096;

-- Entries: when things were said to have begun, in the order of time, with what lists are filtered by most. Whatever was
-- said of a trace is in an entry of its own, so that each word is found where it was said; of observations and scores the
-- latest word counts, as in their rows.
CREATE TABLE IF NOT EXISTS trace_entries (
  workspace_id LowCardinality(String),
  timestamp DateTime64(6, 'UTC') CODEC(Delta(8), ZSTD(1)),
  id String CODEC(ZSTD(1)),
  name LowCardinality(String),
  user_id String CODEC(ZSTD(1)),
  session_id String CODEC(ZSTD(1)),
  environment LowCardinality(String),
  release LowCardinality(String),
  version LowCardinality(String),
  tags Array(LowCardinality(String))
) ENGINE = ReplacingMergeTree PRIMARY KEY (workspace_id, timestamp, id)
  ORDER BY (workspace_id, timestamp, id, name, user_id, session_id, environment, release, version, tags) SETTINGS index_granularity = 512;
CREATE TABLE IF NOT EXISTS observation_entries (
  workspace_id LowCardinality(String),
  start_time DateTime64(6, 'UTC') CODEC(Delta(8), ZSTD(1)),
  trace_id String CODEC(ZSTD(1)),
  id String CODEC(ZSTD(1)),
  parent_id Nullable(String) CODEC(ZSTD(1)),
  type LowCardinality(String),
  name LowCardinality(String),
  level LowCardinality(String),
  model LowCardinality(Nullable(String)),
  environment LowCardinality(Nullable(String)),
  version LowCardinality(Nullable(String)),
  prompt_name LowCardinality(Nullable(String)),
  app_root UInt8,
  received_at DateTime64(6, 'UTC') CODEC(Delta(8), ZSTD(1))
) ENGINE = ReplacingMergeTree(received_at) ORDER BY (workspace_id, start_time, trace_id, id) SETTINGS index_granularity = 512;
CREATE TABLE IF NOT EXISTS score_entries (
  workspace_id LowCardinality(String),
  timestamp DateTime64(6, 'UTC') CODEC(Delta(8), ZSTD(1)),
  id String CODEC(ZSTD(1)),
  name LowCardinality(String),
  source LowCardinality(String),
  data_type LowCardinality(String),
  environment LowCardinality(Nullable(String)),
  received_at DateTime64(6, 'UTC') CODEC(Delta(8), ZSTD(1))
) ENGINE = ReplacingMergeTree(received_at) ORDER BY (workspace_id, timestamp, id) SETTINGS index_granularity = 512;
CREATE MATERIALIZED VIEW IF NOT EXISTS trace_entries_of TO trace_entries AS
  SELECT workspace_id, timestamp, id, if(name.1 != 0, name.2, root.3) AS name, user_id.2 AS user_id, session_id.2 AS session_id,
    environment.2 AS environment, release.2 AS release, version.2 AS version, arraySort(tags) AS tags FROM trace_rows;
CREATE MATERIALIZED VIEW IF NOT EXISTS observation_entries_of TO observation_entries AS
  SELECT workspace_id, start_time, trace_id, id, parent_id, type, name, level, model, environment, version, prompt_name, app_root,
    received_at FROM observation_rows;
CREATE MATERIALIZED VIEW IF NOT EXISTS score_entries_of TO score_entries AS
  SELECT workspace_id, timestamp, id, name, source, data_type, environment, received_at FROM score_rows;

-- When a large text was last sent, and who sent it last: by that they may be let go of.
ALTER TABLE payloads ADD COLUMN IF NOT EXISTS inserted_at DateTime('UTC') DEFAULT now();
ALTER TABLE payload_refs ADD COLUMN IF NOT EXISTS inserted_at DateTime('UTC') DEFAULT now();
