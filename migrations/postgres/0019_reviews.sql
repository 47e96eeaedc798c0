-- What people are asked about a case, a turn or an observation, kept as the other resources are, each version of it.
CREATE TABLE label_schemas (
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
CREATE UNIQUE INDEX label_schemas_name ON label_schemas (workspace_id, name) WHERE deleted_at IS NULL;
CREATE INDEX label_schemas_newest ON label_schemas (workspace_id, created_at, id) WHERE deleted_at IS NULL;
CREATE INDEX label_schemas_updated ON label_schemas (workspace_id, updated_at, id) WHERE deleted_at IS NULL;
CREATE INDEX label_schemas_named ON label_schemas (workspace_id, name, id) WHERE deleted_at IS NULL;
CREATE INDEX label_schemas_creator ON label_schemas (workspace_id, created_by, created_at, id) WHERE deleted_at IS NULL;
CREATE INDEX label_schemas_deleted ON label_schemas (workspace_id, created_at, id) WHERE deleted_at IS NOT NULL;
CREATE INDEX label_schemas_all ON label_schemas (workspace_id, created_at, id);

-- Queues: `schemas` is a JSON list of the label schemas as they were when the queue was made, so that all of its answers are to the
-- same questions. `takes` is 1 while rules put scores in.
CREATE TABLE review_queues (
  workspace_id TEXT NOT NULL,
  id TEXT NOT NULL,
  name TEXT NOT NULL,
  spec TEXT NOT NULL,
  schemas TEXT NOT NULL,
  takes BIGINT NOT NULL,
  version BIGINT NOT NULL,
  created_by TEXT NOT NULL,
  created_at BIGINT NOT NULL,
  updated_at BIGINT NOT NULL,
  PRIMARY KEY (workspace_id, id)
);
CREATE UNIQUE INDEX review_queues_name ON review_queues (workspace_id, name);
CREATE INDEX review_queues_newest ON review_queues (workspace_id, created_at, id);
CREATE INDEX review_queues_takes ON review_queues (workspace_id, id) WHERE takes = 1;

-- What is to be looked at. `item_key` is made of what it is about, so that the same enters once. `machine` is the score as it was when the
-- item entered, `gold` the answers that are known. `set_aside_at`: so many people skipped it that nobody else is asked.
CREATE TABLE review_items (
  workspace_id TEXT NOT NULL,
  id TEXT NOT NULL,
  queue_id TEXT NOT NULL,
  item_key TEXT NOT NULL,
  subject TEXT NOT NULL,
  run_id TEXT,
  metric TEXT,
  machine TEXT,
  rule TEXT,
  gold TEXT,
  priority BIGINT NOT NULL,
  wanted BIGINT NOT NULL,
  set_aside_at BIGINT,
  created_by TEXT,
  created_at BIGINT NOT NULL,
  PRIMARY KEY (workspace_id, id)
);
CREATE UNIQUE INDEX review_items_key ON review_items (workspace_id, queue_id, item_key);
CREATE INDEX review_items_newest ON review_items (workspace_id, queue_id, id);

-- The places of those who answer, as many an item as are wanted: whoever claims takes one. `state` is `open`, `leased`, `done` or `aside`.
CREATE TABLE review_slots (
  workspace_id TEXT NOT NULL,
  item_id TEXT NOT NULL,
  slot BIGINT NOT NULL,
  queue_id TEXT NOT NULL,
  priority BIGINT NOT NULL,
  state TEXT NOT NULL,
  reserved_for TEXT,
  person_kind TEXT,
  person_id TEXT,
  lease_until BIGINT,
  answers TEXT,
  note TEXT,
  started_at BIGINT,
  finished_at BIGINT,
  PRIMARY KEY (workspace_id, item_id, slot)
);
-- Nobody answers an item twice, whatever is asked at the same time.
CREATE UNIQUE INDEX review_slots_person ON review_slots (workspace_id, item_id, person_id) WHERE person_id IS NOT NULL;
CREATE INDEX review_slots_free ON review_slots (workspace_id, queue_id, priority DESC, item_id, slot) WHERE state IN ('open', 'leased');
CREATE INDEX review_slots_held ON review_slots (workspace_id, queue_id, person_id) WHERE state = 'leased';
CREATE INDEX review_slots_reserved ON review_slots (workspace_id, queue_id, reserved_for) WHERE reserved_for IS NOT NULL;
CREATE INDEX review_slots_done ON review_slots (workspace_id, queue_id, item_id, slot) WHERE state = 'done';

-- Who would not answer an item, and why: they are not asked again.
CREATE TABLE review_skips (
  workspace_id TEXT NOT NULL,
  item_id TEXT NOT NULL,
  person_id TEXT NOT NULL,
  person_kind TEXT NOT NULL,
  queue_id TEXT NOT NULL,
  reason TEXT NOT NULL,
  created_at BIGINT NOT NULL,
  PRIMARY KEY (workspace_id, item_id, person_id)
);
CREATE INDEX review_skips_queue ON review_skips (workspace_id, queue_id, item_id);

-- What a person says in place of a machine's score, which stays as it is. Of one metric of a run one holds at a time.
CREATE TABLE score_overrides (
  workspace_id TEXT NOT NULL,
  id TEXT NOT NULL,
  campaign_id TEXT NOT NULL,
  run_id TEXT NOT NULL,
  metric TEXT NOT NULL,
  score DOUBLE PRECISION NOT NULL,
  status TEXT NOT NULL,
  machine_score DOUBLE PRECISION,
  machine_status TEXT NOT NULL,
  reason TEXT NOT NULL,
  author_kind TEXT NOT NULL,
  author_id TEXT NOT NULL,
  created_at BIGINT NOT NULL,
  withdrawn_at BIGINT,
  withdrawn_by TEXT,
  withdrawn_reason TEXT,
  PRIMARY KEY (workspace_id, id)
);
CREATE UNIQUE INDEX score_overrides_holds ON score_overrides (workspace_id, run_id, metric) WHERE withdrawn_at IS NULL;
CREATE INDEX score_overrides_run ON score_overrides (workspace_id, run_id, created_at, id);
CREATE INDEX score_overrides_campaign ON score_overrides (workspace_id, campaign_id) WHERE withdrawn_at IS NULL;
