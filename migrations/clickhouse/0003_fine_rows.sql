-- The rows anew, in small granules: a page of a list reads some dozen traces by their ids, and a granule for each of them.
-- The tables before stay until the next migrations, so that each of these statements may run twice.
CREATE TABLE IF NOT EXISTS trace_rows AS traces ENGINE = AggregatingMergeTree ORDER BY (workspace_id, id) SETTINGS index_granularity = 128;
CREATE TABLE IF NOT EXISTS observation_rows AS observations ENGINE = ReplacingMergeTree(received_at) ORDER BY (workspace_id, trace_id, id) SETTINGS index_granularity = 512;
CREATE TABLE IF NOT EXISTS score_rows AS scores ENGINE = ReplacingMergeTree(received_at) ORDER BY (workspace_id, id) SETTINGS index_granularity = 512;

-- When things were said to have begun, in the order of time: where a page of a list is found. A thing of which that was said
-- twice is here twice, and one of the two is right.
CREATE TABLE IF NOT EXISTS trace_times (
  workspace_id LowCardinality(String),
  timestamp DateTime64(6, 'UTC') CODEC(Delta(8), ZSTD(1)),
  id String CODEC(ZSTD(1))
) ENGINE = ReplacingMergeTree ORDER BY (workspace_id, timestamp, id) SETTINGS index_granularity = 512;
CREATE TABLE IF NOT EXISTS observation_times (
  workspace_id LowCardinality(String),
  start_time DateTime64(6, 'UTC') CODEC(Delta(8), ZSTD(1)),
  trace_id String CODEC(ZSTD(1)),
  id String CODEC(ZSTD(1))
) ENGINE = ReplacingMergeTree ORDER BY (workspace_id, start_time, trace_id, id) SETTINGS index_granularity = 512;
CREATE TABLE IF NOT EXISTS score_times (
  workspace_id LowCardinality(String),
  timestamp DateTime64(6, 'UTC') CODEC(Delta(8), ZSTD(1)),
  id String CODEC(ZSTD(1))
) ENGINE = ReplacingMergeTree ORDER BY (workspace_id, timestamp, id) SETTINGS index_granularity = 512;
CREATE MATERIALIZED VIEW IF NOT EXISTS trace_times_of TO trace_times AS SELECT workspace_id, timestamp, id FROM trace_rows;
CREATE MATERIALIZED VIEW IF NOT EXISTS observation_times_of TO observation_times AS SELECT workspace_id, start_time, trace_id, id FROM observation_rows;
CREATE MATERIALIZED VIEW IF NOT EXISTS score_times_of TO score_times AS SELECT workspace_id, timestamp, id FROM score_rows;
