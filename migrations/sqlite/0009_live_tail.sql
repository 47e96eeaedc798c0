-- Who looks on as traces come in: until then, what a workspace's batches were of is told in `trace_feed`.
CREATE TABLE trace_watches (
  workspace_id TEXT NOT NULL,
  until BIGINT NOT NULL,
  PRIMARY KEY (workspace_id)
);
-- One row a batch: the traces that had something new, as a JSON list of ids.
CREATE TABLE trace_feed (
  workspace_id TEXT NOT NULL,
  at BIGINT NOT NULL,
  id TEXT NOT NULL,
  traces TEXT NOT NULL,
  PRIMARY KEY (workspace_id, at, id)
);
CREATE INDEX trace_feed_old ON trace_feed (at);
