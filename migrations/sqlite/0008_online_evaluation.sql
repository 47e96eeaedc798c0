-- Which traces are evaluated as they come in: a kind of resource, as the ones before.
CREATE TABLE evaluation_rules (
  workspace_id TEXT NOT NULL,
  id TEXT NOT NULL,
  name TEXT NOT NULL,
  spec TEXT NOT NULL,
  search TEXT NOT NULL,
  credential TEXT,
  version BIGINT NOT NULL,
  created_by TEXT,
  created_at BIGINT NOT NULL,
  updated_at BIGINT NOT NULL,
  deleted_at BIGINT,
  PRIMARY KEY (workspace_id, id)
);
CREATE UNIQUE INDEX evaluation_rules_name ON evaluation_rules (workspace_id, name) WHERE deleted_at IS NULL;
CREATE INDEX evaluation_rules_newest ON evaluation_rules (workspace_id, created_at, id) WHERE deleted_at IS NULL;
CREATE INDEX evaluation_rules_updated ON evaluation_rules (workspace_id, updated_at, id) WHERE deleted_at IS NULL;
CREATE INDEX evaluation_rules_named ON evaluation_rules (workspace_id, name, id) WHERE deleted_at IS NULL;
CREATE INDEX evaluation_rules_creator ON evaluation_rules (workspace_id, created_by, created_at, id) WHERE deleted_at IS NULL;
CREATE INDEX evaluation_rules_deleted ON evaluation_rules (workspace_id, created_at, id) WHERE deleted_at IS NOT NULL;
CREATE INDEX evaluation_rules_all ON evaluation_rules (workspace_id, created_at, id);

-- Traces that a rule picked, once each. `due_at`: until then a trace may still grow; then its rule's filter decides.
CREATE TABLE evaluation_queue (
  workspace_id TEXT NOT NULL,
  rule_id TEXT NOT NULL,
  trace_id TEXT NOT NULL,
  state TEXT NOT NULL,
  due_at BIGINT NOT NULL,
  attempts BIGINT NOT NULL,
  lease_token TEXT,
  lease_until BIGINT,
  reason TEXT,
  created_at BIGINT NOT NULL,
  updated_at BIGINT NOT NULL,
  PRIMARY KEY (workspace_id, rule_id, trace_id)
);
CREATE INDEX evaluation_queue_due ON evaluation_queue (due_at) WHERE state = 'waiting';
CREATE INDEX evaluation_queue_open ON evaluation_queue (workspace_id, due_at) WHERE state IN ('ready', 'leased');
CREATE INDEX evaluation_queue_newest ON evaluation_queue (workspace_id, updated_at, rule_id, trace_id);
CREATE INDEX evaluation_queue_states ON evaluation_queue (workspace_id, rule_id, state);
CREATE INDEX evaluation_queue_trace ON evaluation_queue (workspace_id, trace_id);
CREATE INDEX evaluation_queue_old ON evaluation_queue (updated_at) WHERE state IN ('done', 'skipped', 'failed');
