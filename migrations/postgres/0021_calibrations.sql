-- What people's answers say of a judge's scores. `judge` is the judge by its models' ids, `fitted` JSON: curves and what they are worth.
-- Of a metric by a judge the highest version is applied. `inputs` is the hash of what it was made of: the same again makes no new one.
CREATE TABLE calibrations (
  workspace_id TEXT NOT NULL,
  id TEXT NOT NULL,
  metric TEXT NOT NULL,
  judge TEXT NOT NULL,
  version BIGINT NOT NULL,
  metric_hash TEXT NOT NULL,
  judge_hash TEXT NOT NULL,
  spec TEXT NOT NULL,
  fitted TEXT NOT NULL,
  inputs TEXT NOT NULL,
  created_by TEXT NOT NULL,
  created_at BIGINT NOT NULL,
  PRIMARY KEY (workspace_id, id)
);
CREATE UNIQUE INDEX calibrations_version ON calibrations (workspace_id, judge, metric, version);
CREATE INDEX calibrations_newest ON calibrations (workspace_id, created_at, id);

-- Labelled scores of a metric, in whatever queue they are.
CREATE INDEX review_items_metric ON review_items (workspace_id, metric, id) WHERE metric IS NOT NULL;
