-- What judges answered, by the content of the question, so that asking again need not cost again.
CREATE TABLE judge_answers (
  workspace_id TEXT NOT NULL,
  -- SHA-256 of the model, its settings, the seed and the question.
  question TEXT NOT NULL,
  answer TEXT NOT NULL,
  created_at BIGINT NOT NULL,
  PRIMARY KEY (workspace_id, question)
);
CREATE INDEX judge_answers_old ON judge_answers (created_at);
CREATE INDEX judge_answers_kept ON judge_answers (workspace_id, created_at);
