-- Views: what a person wants to see of a list again. A private one is its owner's alone. One view of a table is the default of
-- its owner, and one shared view that of the workspace.
CREATE TABLE saved_views (
  workspace_id TEXT NOT NULL,
  id TEXT NOT NULL,
  name TEXT NOT NULL,
  source TEXT NOT NULL,
  filter TEXT NOT NULL,
  sort TEXT,
  columns TEXT NOT NULL,
  visibility TEXT NOT NULL,
  is_default BIGINT NOT NULL,
  owner_kind TEXT NOT NULL,
  owner_id TEXT NOT NULL,
  version BIGINT NOT NULL,
  updated_by TEXT NOT NULL,
  created_at BIGINT NOT NULL,
  updated_at BIGINT NOT NULL,
  PRIMARY KEY (workspace_id, id)
);
CREATE UNIQUE INDEX saved_views_name ON saved_views (workspace_id, owner_id, source, name);
CREATE UNIQUE INDEX saved_views_own_default ON saved_views (workspace_id, owner_id, source) WHERE is_default = 1 AND visibility = 'private';
CREATE UNIQUE INDEX saved_views_shared_default ON saved_views (workspace_id, source) WHERE is_default = 1 AND visibility = 'shared';
CREATE INDEX saved_views_newest ON saved_views (workspace_id, created_at, id);

-- Comments: `trace_id` is the trace that the object is or belongs to, with which the comment goes. `mentions` is a JSON list of
-- members. `on_behalf_of` is the member whom a key named as the author.
CREATE TABLE comments (
  workspace_id TEXT NOT NULL,
  id TEXT NOT NULL,
  object_type TEXT NOT NULL,
  object_id TEXT NOT NULL,
  trace_id TEXT,
  content TEXT NOT NULL,
  mentions TEXT NOT NULL,
  author_kind TEXT NOT NULL,
  author_id TEXT NOT NULL,
  on_behalf_of TEXT,
  version BIGINT NOT NULL,
  created_at BIGINT NOT NULL,
  updated_at BIGINT NOT NULL,
  PRIMARY KEY (workspace_id, id)
);
CREATE INDEX comments_newest ON comments (workspace_id, created_at, id);
CREATE INDEX comments_object ON comments (workspace_id, object_type, object_id, created_at, id);
CREATE INDEX comments_trace ON comments (workspace_id, trace_id, created_at, id);
CREATE INDEX comments_author ON comments (workspace_id, author_id, created_at, id);

-- Links by which anyone may read one trace. Only a keyed hash of the link's token is kept.
CREATE TABLE trace_shares (
  workspace_id TEXT NOT NULL,
  id TEXT NOT NULL,
  trace_id TEXT NOT NULL,
  token_hash TEXT NOT NULL,
  payloads BIGINT NOT NULL,
  note TEXT NOT NULL,
  created_by TEXT NOT NULL,
  created_at BIGINT NOT NULL,
  expires_at BIGINT,
  revoked_at BIGINT,
  revoked_by TEXT,
  PRIMARY KEY (workspace_id, id)
);
CREATE UNIQUE INDEX trace_shares_token ON trace_shares (token_hash);
CREATE INDEX trace_shares_newest ON trace_shares (workspace_id, created_at, id);
CREATE INDEX trace_shares_trace ON trace_shares (workspace_id, trace_id, created_at, id);

-- The highest version that was ever deleted: a number is given once.
ALTER TABLE prompts ADD COLUMN last_version BIGINT NOT NULL DEFAULT 0;

-- Items by their keys in whatever dataset, the oldest first, and by their ids.
CREATE INDEX dataset_items_of_key ON dataset_items (workspace_id, item_key, created_at, id);
CREATE INDEX dataset_items_by_id ON dataset_items (workspace_id, id);
