-- Lists: `search` is what `q` looks in, in lower case; each way to sort has its index, so that a page costs the same in any list.
ALTER TABLE agents ADD COLUMN search TEXT NOT NULL DEFAULT '';
UPDATE agents SET search = CASE WHEN spec LIKE '%\u0000%' THEN lower(name)
  ELSE lower(name || chr(10) || COALESCE(spec::json->>'description', '')) END;
ALTER TABLE models ADD COLUMN search TEXT NOT NULL DEFAULT '';
UPDATE models SET search = lower(name);
ALTER TABLE scenarios ADD COLUMN search TEXT NOT NULL DEFAULT '';
UPDATE scenarios SET search = CASE WHEN spec LIKE '%\u0000%' THEN lower(name)
  ELSE lower(name || chr(10) || COALESCE(spec::json->>'situation', '')) END;
ALTER TABLE datasets ADD COLUMN search TEXT NOT NULL DEFAULT '';
UPDATE datasets SET search = CASE WHEN spec LIKE '%\u0000%' THEN lower(name)
  ELSE lower(name || chr(10) || COALESCE(spec::json->>'description', '')) END;
CREATE INDEX agents_updated ON agents (workspace_id, updated_at, id) WHERE deleted_at IS NULL;
CREATE INDEX agents_named ON agents (workspace_id, name, id) WHERE deleted_at IS NULL;
CREATE INDEX agents_creator ON agents (workspace_id, created_by, created_at, id) WHERE deleted_at IS NULL;
CREATE INDEX agents_deleted ON agents (workspace_id, created_at, id) WHERE deleted_at IS NOT NULL;
CREATE INDEX agents_all ON agents (workspace_id, created_at, id);
CREATE INDEX models_updated ON models (workspace_id, updated_at, id) WHERE deleted_at IS NULL;
CREATE INDEX models_named ON models (workspace_id, name, id) WHERE deleted_at IS NULL;
CREATE INDEX models_creator ON models (workspace_id, created_by, created_at, id) WHERE deleted_at IS NULL;
CREATE INDEX models_deleted ON models (workspace_id, created_at, id) WHERE deleted_at IS NOT NULL;
CREATE INDEX models_all ON models (workspace_id, created_at, id);
CREATE INDEX scenarios_updated ON scenarios (workspace_id, updated_at, id) WHERE deleted_at IS NULL;
CREATE INDEX scenarios_named ON scenarios (workspace_id, name, id) WHERE deleted_at IS NULL;
CREATE INDEX scenarios_creator ON scenarios (workspace_id, created_by, created_at, id) WHERE deleted_at IS NULL;
CREATE INDEX scenarios_deleted ON scenarios (workspace_id, created_at, id) WHERE deleted_at IS NOT NULL;
CREATE INDEX scenarios_all ON scenarios (workspace_id, created_at, id);
CREATE INDEX datasets_updated ON datasets (workspace_id, updated_at, id) WHERE deleted_at IS NULL;
CREATE INDEX datasets_named ON datasets (workspace_id, name, id) WHERE deleted_at IS NULL;
CREATE INDEX datasets_creator ON datasets (workspace_id, created_by, created_at, id) WHERE deleted_at IS NULL;
CREATE INDEX datasets_deleted ON datasets (workspace_id, created_at, id) WHERE deleted_at IS NOT NULL;
CREATE INDEX datasets_all ON datasets (workspace_id, created_at, id);

-- New kinds, each as the ones before.
CREATE TABLE personas (
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
CREATE UNIQUE INDEX personas_name ON personas (workspace_id, name) WHERE deleted_at IS NULL;
CREATE INDEX personas_newest ON personas (workspace_id, created_at, id) WHERE deleted_at IS NULL;
CREATE INDEX personas_updated ON personas (workspace_id, updated_at, id) WHERE deleted_at IS NULL;
CREATE INDEX personas_named ON personas (workspace_id, name, id) WHERE deleted_at IS NULL;
CREATE INDEX personas_creator ON personas (workspace_id, created_by, created_at, id) WHERE deleted_at IS NULL;
CREATE INDEX personas_deleted ON personas (workspace_id, created_at, id) WHERE deleted_at IS NOT NULL;
CREATE INDEX personas_all ON personas (workspace_id, created_at, id);
CREATE TABLE knowledge_bases (
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
CREATE UNIQUE INDEX knowledge_bases_name ON knowledge_bases (workspace_id, name) WHERE deleted_at IS NULL;
CREATE INDEX knowledge_bases_newest ON knowledge_bases (workspace_id, created_at, id) WHERE deleted_at IS NULL;
CREATE INDEX knowledge_bases_updated ON knowledge_bases (workspace_id, updated_at, id) WHERE deleted_at IS NULL;
CREATE INDEX knowledge_bases_named ON knowledge_bases (workspace_id, name, id) WHERE deleted_at IS NULL;
CREATE INDEX knowledge_bases_creator ON knowledge_bases (workspace_id, created_by, created_at, id) WHERE deleted_at IS NULL;
CREATE INDEX knowledge_bases_deleted ON knowledge_bases (workspace_id, created_at, id) WHERE deleted_at IS NOT NULL;
CREATE INDEX knowledge_bases_all ON knowledge_bases (workspace_id, created_at, id);
CREATE TABLE metric_library (
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
CREATE UNIQUE INDEX metric_library_name ON metric_library (workspace_id, name) WHERE deleted_at IS NULL;
CREATE INDEX metric_library_newest ON metric_library (workspace_id, created_at, id) WHERE deleted_at IS NULL;
CREATE INDEX metric_library_updated ON metric_library (workspace_id, updated_at, id) WHERE deleted_at IS NULL;
CREATE INDEX metric_library_named ON metric_library (workspace_id, name, id) WHERE deleted_at IS NULL;
CREATE INDEX metric_library_creator ON metric_library (workspace_id, created_by, created_at, id) WHERE deleted_at IS NULL;
CREATE INDEX metric_library_deleted ON metric_library (workspace_id, created_at, id) WHERE deleted_at IS NOT NULL;
CREATE INDEX metric_library_all ON metric_library (workspace_id, created_at, id);
CREATE TABLE prompts (
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
CREATE UNIQUE INDEX prompts_name ON prompts (workspace_id, name) WHERE deleted_at IS NULL;
CREATE INDEX prompts_newest ON prompts (workspace_id, created_at, id) WHERE deleted_at IS NULL;
CREATE INDEX prompts_updated ON prompts (workspace_id, updated_at, id) WHERE deleted_at IS NULL;
CREATE INDEX prompts_named ON prompts (workspace_id, name, id) WHERE deleted_at IS NULL;
CREATE INDEX prompts_creator ON prompts (workspace_id, created_by, created_at, id) WHERE deleted_at IS NULL;
CREATE INDEX prompts_deleted ON prompts (workspace_id, created_at, id) WHERE deleted_at IS NOT NULL;
CREATE INDEX prompts_all ON prompts (workspace_id, created_at, id);

-- What is known of a document; `parent_id` is its knowledge base.
CREATE TABLE documents (
  workspace_id TEXT NOT NULL,
  parent_id TEXT NOT NULL,
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
  PRIMARY KEY (workspace_id, parent_id, id)
);
CREATE UNIQUE INDEX documents_name ON documents (workspace_id, parent_id, name) WHERE deleted_at IS NULL;
CREATE INDEX documents_newest ON documents (workspace_id, parent_id, created_at, id) WHERE deleted_at IS NULL;
CREATE INDEX documents_updated ON documents (workspace_id, parent_id, updated_at, id) WHERE deleted_at IS NULL;
CREATE INDEX documents_named ON documents (workspace_id, parent_id, name, id) WHERE deleted_at IS NULL;
CREATE INDEX documents_creator ON documents (workspace_id, parent_id, created_by, created_at, id) WHERE deleted_at IS NULL;
CREATE INDEX documents_deleted ON documents (workspace_id, parent_id, created_at, id) WHERE deleted_at IS NOT NULL;
CREATE INDEX documents_all ON documents (workspace_id, parent_id, created_at, id);

-- Versions of resources, as they were; never changed. `kind` is the table.
CREATE TABLE resource_versions (
  workspace_id TEXT NOT NULL,
  kind TEXT NOT NULL,
  resource_id TEXT NOT NULL,
  version BIGINT NOT NULL,
  spec TEXT NOT NULL,
  created_by TEXT,
  created_at BIGINT NOT NULL,
  PRIMARY KEY (workspace_id, kind, resource_id, version)
);
INSERT INTO resource_versions (workspace_id, kind, resource_id, version, spec, created_by, created_at)
  SELECT workspace_id, 'scenarios', id, version, spec, created_by, updated_at FROM scenarios;
INSERT INTO resource_versions (workspace_id, kind, resource_id, version, spec, created_by, created_at)
  SELECT workspace_id, 'datasets', id, version, spec, created_by, updated_at FROM datasets;

-- A label names one version of a prompt. `latest` is not kept: it is the highest.
CREATE TABLE prompt_labels (
  workspace_id TEXT NOT NULL,
  prompt_id TEXT NOT NULL,
  label TEXT NOT NULL,
  version BIGINT NOT NULL,
  updated_at BIGINT NOT NULL,
  PRIMARY KEY (workspace_id, prompt_id, label)
);
CREATE INDEX prompt_labels_label ON prompt_labels (workspace_id, label, prompt_id);

-- `revision` is the dataset's version that wrote the item; what a later version replaced or removed rests in the history.
ALTER TABLE dataset_items ADD COLUMN revision BIGINT NOT NULL DEFAULT 0;
ALTER TABLE dataset_items ADD COLUMN split TEXT NOT NULL DEFAULT '';
CREATE INDEX dataset_items_split ON dataset_items (workspace_id, dataset_id, split, position, id);
CREATE TABLE dataset_item_history (
  workspace_id TEXT NOT NULL,
  dataset_id TEXT NOT NULL,
  id TEXT NOT NULL,
  item_key TEXT NOT NULL,
  position BIGINT NOT NULL,
  split TEXT NOT NULL,
  item TEXT NOT NULL,
  valid_from BIGINT NOT NULL,
  valid_to BIGINT NOT NULL,
  PRIMARY KEY (workspace_id, dataset_id, id, valid_from)
);
CREATE INDEX dataset_item_history_position ON dataset_item_history (workspace_id, dataset_id, position, id);

-- Answers are kept a day; this finds the older ones.
CREATE INDEX idempotency_keys_age ON idempotency_keys (workspace_id, created_at);
-- Workspaces whose library of metrics was begun, once in their life: what they delete of it stays deleted.
CREATE TABLE library_seeds (
  workspace_id TEXT NOT NULL PRIMARY KEY,
  created_at BIGINT NOT NULL
);
