-- Traces know their root observation: of several the lowest key wins, which is lower the better a root it is, and then
-- the earlier it began. Metadata is the union of what was said, word by word: (time of receipt, key, JSON).
ALTER TABLE traces ADD COLUMN IF NOT EXISTS root SimpleAggregateFunction(min, Tuple(Int64, String, String)) DEFAULT (9223372036854775807, '', '') CODEC(ZSTD(1));
ALTER TABLE traces ADD COLUMN IF NOT EXISTS public SimpleAggregateFunction(max, Tuple(Int64, String)) CODEC(ZSTD(1));
ALTER TABLE traces ADD COLUMN IF NOT EXISTS words SimpleAggregateFunction(groupUniqArrayArray, Array(Tuple(Int64, String, String))) CODEC(ZSTD(3));
ALTER TABLE traces ADD COLUMN IF NOT EXISTS created_at SimpleAggregateFunction(min, DateTime64(6, 'UTC')) DEFAULT timestamp CODEC(Delta(8), ZSTD(1));
ALTER TABLE traces ADD COLUMN IF NOT EXISTS received_at SimpleAggregateFunction(max, DateTime64(6, 'UTC')) DEFAULT timestamp CODEC(Delta(8), ZSTD(1));
ALTER TABLE traces ADD INDEX IF NOT EXISTS traces_time timestamp TYPE minmax GRANULARITY 1;

-- `input_hash` and `output_hash` name a text in `payloads`; then the text itself is not here.
ALTER TABLE observations ADD COLUMN IF NOT EXISTS completion_start_time Nullable(DateTime64(6, 'UTC')) CODEC(ZSTD(1));
ALTER TABLE observations ADD COLUMN IF NOT EXISTS usage_details Nullable(String) CODEC(ZSTD(1));
ALTER TABLE observations ADD COLUMN IF NOT EXISTS cost_details Nullable(String) CODEC(ZSTD(1));
ALTER TABLE observations ADD COLUMN IF NOT EXISTS prompt_name LowCardinality(Nullable(String));
ALTER TABLE observations ADD COLUMN IF NOT EXISTS prompt_version Nullable(Int64) CODEC(ZSTD(1));
ALTER TABLE observations ADD COLUMN IF NOT EXISTS environment LowCardinality(Nullable(String));
ALTER TABLE observations ADD COLUMN IF NOT EXISTS version LowCardinality(Nullable(String));
ALTER TABLE observations ADD COLUMN IF NOT EXISTS app_root UInt8 DEFAULT 0 CODEC(ZSTD(1));
ALTER TABLE observations ADD COLUMN IF NOT EXISTS experiment_id Nullable(String) CODEC(ZSTD(1));
ALTER TABLE observations ADD COLUMN IF NOT EXISTS experiment Nullable(String) CODEC(ZSTD(1));
ALTER TABLE observations ADD COLUMN IF NOT EXISTS input_hash Nullable(String) CODEC(ZSTD(1));
ALTER TABLE observations ADD COLUMN IF NOT EXISTS output_hash Nullable(String) CODEC(ZSTD(1));
ALTER TABLE observations ADD INDEX IF NOT EXISTS observations_received received_at TYPE minmax GRANULARITY 1;
ALTER TABLE observations ADD INDEX IF NOT EXISTS observations_id id TYPE bloom_filter(0.01) GRANULARITY 1;
ALTER TABLE observations ADD INDEX IF NOT EXISTS observations_experiment experiment_id TYPE bloom_filter(0.01) GRANULARITY 4;

ALTER TABLE scores ADD COLUMN IF NOT EXISTS session_id Nullable(String) CODEC(ZSTD(1));
ALTER TABLE scores ADD COLUMN IF NOT EXISTS experiment_id Nullable(String) CODEC(ZSTD(1));
ALTER TABLE scores ADD COLUMN IF NOT EXISTS environment LowCardinality(Nullable(String));
ALTER TABLE scores ADD COLUMN IF NOT EXISTS config_id Nullable(String) CODEC(ZSTD(1));
ALTER TABLE scores ADD COLUMN IF NOT EXISTS queue_id Nullable(String) CODEC(ZSTD(1));
ALTER TABLE scores ADD COLUMN IF NOT EXISTS author_id Nullable(String) CODEC(ZSTD(1));

-- Large texts, once each, and who has them: a text goes when the last trace that has it goes.
CREATE TABLE IF NOT EXISTS payloads (
  workspace_id LowCardinality(String),
  hash String CODEC(ZSTD(1)),
  text String CODEC(ZSTD(3))
) ENGINE = ReplacingMergeTree ORDER BY (workspace_id, hash);

CREATE TABLE IF NOT EXISTS payload_refs (
  workspace_id LowCardinality(String),
  trace_id String CODEC(ZSTD(1)),
  hash String CODEC(ZSTD(1)),
  INDEX payload_refs_hash hash TYPE bloom_filter(0.01) GRANULARITY 4
) ENGINE = ReplacingMergeTree ORDER BY (workspace_id, trace_id, hash);
