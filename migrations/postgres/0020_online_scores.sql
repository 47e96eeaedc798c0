-- Whose turn it is to evaluate what a rule picked; what judges have spent for it on a day (days since 1970, in UTC), and until when
-- it pauses, as long as it is of that version.
CREATE TABLE evaluation_turns (
  workspace_id TEXT NOT NULL,
  rule_id TEXT NOT NULL,
  lease_token TEXT,
  lease_until BIGINT NOT NULL,
  day BIGINT NOT NULL,
  cost_usd DOUBLE PRECISION NOT NULL,
  judge_calls BIGINT NOT NULL,
  calls BIGINT NOT NULL,
  paused_until BIGINT NOT NULL,
  paused_version BIGINT NOT NULL,
  reason TEXT,
  PRIMARY KEY (workspace_id, rule_id)
);
CREATE INDEX evaluation_queue_ready ON evaluation_queue (workspace_id, rule_id, due_at) WHERE state = 'ready';

-- Rules that were made before the platform evaluated anything itself go on to be their evaluators'.
UPDATE evaluation_rules SET spec = '{"evaluator":"external",' || substr(spec, 2);

-- Alerts: a kind of resource, as the ones before.
CREATE TABLE alerts (
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
CREATE UNIQUE INDEX alerts_name ON alerts (workspace_id, name) WHERE deleted_at IS NULL;
CREATE INDEX alerts_newest ON alerts (workspace_id, created_at, id) WHERE deleted_at IS NULL;
CREATE INDEX alerts_updated ON alerts (workspace_id, updated_at, id) WHERE deleted_at IS NULL;
CREATE INDEX alerts_named ON alerts (workspace_id, name, id) WHERE deleted_at IS NULL;
CREATE INDEX alerts_creator ON alerts (workspace_id, created_by, created_at, id) WHERE deleted_at IS NULL;
CREATE INDEX alerts_deleted ON alerts (workspace_id, created_at, id) WHERE deleted_at IS NOT NULL;
CREATE INDEX alerts_all ON alerts (workspace_id, created_at, id);

-- Where each stands, and what it found last; `firing_since` also while there are too few values to say whether it still fires.
CREATE TABLE alert_states (
  workspace_id TEXT NOT NULL,
  alert_id TEXT NOT NULL,
  state TEXT NOT NULL,
  since BIGINT NOT NULL,
  firing_since BIGINT,
  told_at BIGINT,
  told_no_data BIGINT NOT NULL,
  value DOUBLE PRECISION,
  samples BIGINT NOT NULL,
  sentence TEXT NOT NULL,
  looked_at BIGINT,
  error TEXT,
  next_at BIGINT NOT NULL,
  lease_token TEXT,
  lease_until BIGINT NOT NULL,
  PRIMARY KEY (workspace_id, alert_id)
);

-- The changes of their states.
CREATE TABLE alert_events (
  workspace_id TEXT NOT NULL,
  id TEXT NOT NULL,
  alert_id TEXT NOT NULL,
  left_state TEXT NOT NULL,
  state TEXT NOT NULL,
  value DOUBLE PRECISION,
  samples BIGINT NOT NULL,
  sentence TEXT NOT NULL,
  at BIGINT NOT NULL,
  PRIMARY KEY (workspace_id, id)
);
CREATE INDEX alert_events_newest ON alert_events (workspace_id, alert_id, at, id);
CREATE INDEX alert_events_old ON alert_events (at);

-- What channels are told: the channel as it was, what it is told, and when it is tried again; not any more where `due_at` is null.
CREATE TABLE alert_notifications (
  workspace_id TEXT NOT NULL,
  id TEXT NOT NULL,
  alert_id TEXT NOT NULL,
  place BIGINT NOT NULL,
  channel TEXT NOT NULL,
  note TEXT NOT NULL,
  news TEXT NOT NULL,
  attempts BIGINT NOT NULL,
  due_at BIGINT,
  lease_until BIGINT NOT NULL,
  sent_at BIGINT,
  error TEXT,
  created_at BIGINT NOT NULL,
  PRIMARY KEY (workspace_id, id)
);
CREATE INDEX alert_notifications_due ON alert_notifications (due_at) WHERE due_at IS NOT NULL;
CREATE INDEX alert_notifications_of ON alert_notifications (workspace_id, alert_id, place, id);
CREATE INDEX alert_notifications_old ON alert_notifications (created_at) WHERE due_at IS NULL;
