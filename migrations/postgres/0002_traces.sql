-- Traces themselves rest in ClickHouse, or in embedded SQLite. Here is what neither took yet: batches that were
-- acknowledged while the trace store was down. Ids sort by time.
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
