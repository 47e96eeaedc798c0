//! Answers of judges by the content of the question: who asks the same again pays nothing, and scores do not change by chance.

use assay_edge::db::{Db, Value};
use assay_edge::{Problem, clock};
use assay_llm::ChatAnswer;
use assay_metrics::JudgeCall;
use assay_model::{ModelSpec, TokenUsage};
use serde_json::json;
use sha2::{Digest as _, Sha256};

/// The longest answer that is kept, in bytes.
const MAX_BYTES: usize = 256 << 10;

/// SHA-256, in hex, of all that the answer depends on: the model with what is set of it, the seed, the question.
pub(crate) fn key(model: &ModelSpec, call: &JudgeCall, seed: u64) -> String {
    let mut all = model.identity();
    all.extend([json!(seed), json!(call.prompt_hash)]);
    hex::encode(Sha256::digest(json!(all).to_string().as_bytes()))
}

/// Those of a workspace.
pub(crate) struct Answers<'a> {
    db: &'a Db,
    workspace: &'a str,
}

impl<'a> Answers<'a> {
    pub(crate) const fn of(db: &'a Db, workspace: &'a str) -> Self {
        Self { db, workspace }
    }

    /// The answer to a question, where it was given: it costs nothing now.
    pub(crate) async fn find(&self, key: &str) -> Result<Option<ChatAnswer>, Problem> {
        let sql = "SELECT answer FROM judge_answers WHERE workspace_id = $1 AND question = $2";
        let params: [Value; 2] = [self.workspace.into(), key.into()];
        let rows = self.db.query(sql, params).await?;
        let Some(row) = rows.first() else {
            return Ok(None);
        };
        let answer: ChatAnswer = row.json("answer")?;
        Ok(Some(ChatAnswer {
            usage: Some(TokenUsage::default()),
            cost_usd: Some(0.0),
            reused: true,
            ..answer
        }))
    }

    /// Keeps answers; of two to the same question the first.
    pub(crate) async fn keep(&self, answers: &[(String, ChatAnswer)]) -> Result<(), Problem> {
        let mut rows = Vec::with_capacity(answers.len());
        for (key, answer) in answers {
            let text = serde_json::to_string(answer).map_err(Problem::internal)?;
            if text.len() <= MAX_BYTES {
                rows.push(json!([key, text]));
            }
        }
        let sql = self.db.pick(
            "INSERT INTO judge_answers (workspace_id, question, answer, created_at) \
             SELECT $1, value ->> 0, value ->> 1, $3 FROM json_each($2) WHERE true \
             ON CONFLICT (workspace_id, question) DO NOTHING",
            "INSERT INTO judge_answers (workspace_id, question, answer, created_at) \
             SELECT $1, v ->> 0, v ->> 1, $3 FROM jsonb_array_elements($2::text::jsonb) AS v \
             ON CONFLICT (workspace_id, question) DO NOTHING",
        );
        let list = serde_json::to_string(&rows).map_err(Problem::internal)?;
        let params: [Value; 3] = [self.workspace.into(), list.into(), clock::now().into()];
        self.db.execute(sql, params).await?;
        Ok(())
    }
}
