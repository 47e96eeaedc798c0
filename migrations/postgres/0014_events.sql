-- The order in which the events of a campaign's runs were first told. A row is a span of one run's events, after `since` up to `upto`,
-- or an event of the campaign itself (`run_id` is empty). The events of a span are told from the run's own records, back from the one
-- that `checkpoint` names; nothing is written while nobody looks on. `ended` is 1 where the run, or the campaign, has nothing more to tell.
CREATE TABLE campaign_events (
  workspace_id TEXT NOT NULL,
  campaign_id TEXT NOT NULL,
  number BIGINT NOT NULL,
  run_id TEXT NOT NULL,
  since TEXT,
  upto TEXT,
  checkpoint TEXT,
  event TEXT,
  ended BIGINT NOT NULL DEFAULT 0,
  at BIGINT NOT NULL,
  PRIMARY KEY (workspace_id, campaign_id, number)
);
CREATE INDEX campaign_events_run ON campaign_events (workspace_id, campaign_id, run_id, number);
CREATE INDEX campaign_events_old ON campaign_events (at);

-- Runs that have ended lately, for whoever looks on.
CREATE INDEX runs_finished ON runs (workspace_id, campaign_id, finished_at) WHERE finished_at IS NOT NULL;
