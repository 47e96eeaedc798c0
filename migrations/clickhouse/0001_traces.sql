-- The trace store. Every replay is harmless: rows carry the time of receipt, and the latest wins
-- however often and in whatever order the rows arrive.

-- One row a patch; merges fold them. Optional fields are `(time of receipt, value)`, where time 0 means that the patch does
-- not name the field, so that `max` keeps the latest value that was named.
CREATE TABLE IF NOT EXISTS traces (
  workspace_id LowCardinality(String),
  id String CODEC(ZSTD(1)),
  timestamp SimpleAggregateFunction(min, DateTime64(6, 'UTC')) CODEC(Delta(8), ZSTD(1)),
  name SimpleAggregateFunction(max, Tuple(Int64, String)) CODEC(ZSTD(1)),
  user_id SimpleAggregateFunction(max, Tuple(Int64, String)) CODEC(ZSTD(1)),
  session_id SimpleAggregateFunction(max, Tuple(Int64, String)) CODEC(ZSTD(1)),
  input SimpleAggregateFunction(max, Tuple(Int64, String)) CODEC(ZSTD(3)),
  output SimpleAggregateFunction(max, Tuple(Int64, String)) CODEC(ZSTD(3)),
  metadata SimpleAggregateFunction(max, Tuple(Int64, String)) CODEC(ZSTD(3)),
  tags SimpleAggregateFunction(groupUniqArrayArray, Array(String)) CODEC(ZSTD(1)),
  environment SimpleAggregateFunction(max, Tuple(Int64, String)) CODEC(ZSTD(1)),
  release SimpleAggregateFunction(max, Tuple(Int64, String)) CODEC(ZSTD(1)),
  version SimpleAggregateFunction(max, Tuple(Int64, String)) CODEC(ZSTD(1))
) ENGINE = AggregatingMergeTree ORDER BY (workspace_id, id);

CREATE TABLE IF NOT EXISTS observations (
  workspace_id LowCardinality(String),
  trace_id String CODEC(ZSTD(1)),
  id String CODEC(ZSTD(1)),
  parent_id Nullable(String) CODEC(ZSTD(1)),
  type LowCardinality(String),
  name String CODEC(ZSTD(1)),
  start_time DateTime64(6, 'UTC') CODEC(Delta(8), ZSTD(1)),
  end_time Nullable(DateTime64(6, 'UTC')) CODEC(ZSTD(1)),
  level LowCardinality(String),
  status_message Nullable(String) CODEC(ZSTD(1)),
  input Nullable(String) CODEC(ZSTD(3)),
  output Nullable(String) CODEC(ZSTD(3)),
  model LowCardinality(Nullable(String)),
  model_parameters Nullable(String) CODEC(ZSTD(1)),
  usage_input Nullable(Int64) CODEC(ZSTD(1)),
  usage_output Nullable(Int64) CODEC(ZSTD(1)),
  cost_usd Nullable(Float64) CODEC(ZSTD(1)),
  metadata Nullable(String) CODEC(ZSTD(3)),
  received_at DateTime64(6, 'UTC') CODEC(Delta(8), ZSTD(1)),
  INDEX observations_start start_time TYPE minmax GRANULARITY 1
) ENGINE = ReplacingMergeTree(received_at) ORDER BY (workspace_id, trace_id, id);

CREATE TABLE IF NOT EXISTS scores (
  workspace_id LowCardinality(String),
  id String CODEC(ZSTD(1)),
  trace_id String CODEC(ZSTD(1)),
  observation_id Nullable(String) CODEC(ZSTD(1)),
  name LowCardinality(String),
  data_type LowCardinality(String),
  value Nullable(Float64) CODEC(ZSTD(1)),
  string_value Nullable(String) CODEC(ZSTD(1)),
  source LowCardinality(String),
  comment Nullable(String) CODEC(ZSTD(1)),
  timestamp DateTime64(6, 'UTC') CODEC(Delta(8), ZSTD(1)),
  metadata Nullable(String) CODEC(ZSTD(3)),
  received_at DateTime64(6, 'UTC') CODEC(Delta(8), ZSTD(1)),
  INDEX scores_trace trace_id TYPE bloom_filter(0.01) GRANULARITY 1,
  INDEX scores_time timestamp TYPE minmax GRANULARITY 1
) ENGINE = ReplacingMergeTree(received_at) ORDER BY (workspace_id, id);
