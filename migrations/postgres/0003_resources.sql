-- Where the next items of a dataset go: places are set aside by one statement, so no two requests give the same.
ALTER TABLE datasets ADD COLUMN last_position BIGINT NOT NULL DEFAULT 0;
UPDATE datasets SET last_position = COALESCE((SELECT max(i.position) FROM dataset_items i
  WHERE i.workspace_id = datasets.workspace_id AND i.dataset_id = datasets.id), 0);

-- Answers to requests that carried an `Idempotency-Key`. Bodies are kept as keyed hashes, since they may hold secrets.
CREATE TABLE idempotency_keys (
  workspace_id TEXT NOT NULL,
  scope TEXT NOT NULL,
  idempotency_key TEXT NOT NULL,
  body_hash TEXT NOT NULL,
  response TEXT NOT NULL,
  created_at BIGINT NOT NULL,
  PRIMARY KEY (workspace_id, scope, idempotency_key)
);
