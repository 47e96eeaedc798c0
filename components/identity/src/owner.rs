//! The first workspace, its owner and the owner's key pair: made once in the life of an installation.

use assay_access::{ApiKeyPair, Role, hash_secret};
use assay_edge::db::{Db, DbError, Statement};
use assay_edge::{Platform, Problem, clock, new_id};

/// The `system_settings` row that says that the first owner exists. Its value is the workspace's id.
const BOOTSTRAPPED: &str = "bootstrapped";

/// What the first owner is made of.
pub(crate) struct First<'a> {
    /// The workspace's name.
    pub(crate) workspace: &'a str,
    /// The owner's address.
    pub(crate) email: &'a str,
    /// The owner's first key.
    pub(crate) key: &'a ApiKeyPair,
}

/// The first workspace and its owner, as they are stored.
pub(crate) struct Owner {
    /// The workspace's id.
    pub(crate) workspace_id: String,
    /// The owner's address; `None` when the workspace has no owner left.
    pub(crate) email: Option<String>,
}

/// The first owner, if there is one.
pub(crate) async fn find(db: &Db) -> Result<Option<Owner>, Problem> {
    let sql = "SELECT s.value AS workspace_id, u.email AS email FROM system_settings s \
               LEFT JOIN members m ON m.workspace_id = s.value AND m.role = 'owner' \
               LEFT JOIN users u ON u.id = m.user_id \
               WHERE s.name = $1 ORDER BY m.created_at LIMIT 1";
    let rows = db.query(sql, [BOOTSTRAPPED.into()]).await?;
    rows.first()
        .map(|row| {
            Ok(Owner {
                workspace_id: row.text("workspace_id")?,
                email: row.opt_text("email")?,
            })
        })
        .transpose()
}

/// Makes the first owner; `None` when there is one already, whoever made it.
///
/// The settings row comes first in the transaction and is unique: of many that race, one writes everything and the
/// others nothing, also when each was configured with something else.
pub(crate) async fn create(
    platform: &Platform,
    db: &Db,
    first: &First<'_>,
) -> Result<Option<Owner>, Problem> {
    let (workspace, user, key) = (new_id(), new_id(), new_id());
    let now = clock::now();
    let owner = Role::Owner.as_str();
    let statements = [
        Statement::new(
            "INSERT INTO system_settings (name, value, created_at) VALUES ($1, $2, $3)",
            [BOOTSTRAPPED.into(), workspace.as_str().into(), now.into()],
        ),
        Statement::new(
            "INSERT INTO workspaces (id, name, created_at, updated_at) VALUES ($1, $2, $3, $3)",
            [
                workspace.as_str().into(),
                first.workspace.into(),
                now.into(),
            ],
        ),
        Statement::new(
            "INSERT INTO users (id, email, created_at) VALUES ($1, $2, $3)",
            [user.as_str().into(), first.email.into(), now.into()],
        ),
        Statement::new(
            "INSERT INTO members (workspace_id, user_id, role, created_at) VALUES ($1, $2, $3, $4)",
            [
                workspace.as_str().into(),
                user.as_str().into(),
                owner.into(),
                now.into(),
            ],
        ),
        Statement::new(
            "INSERT INTO api_keys (workspace_id, id, name, public_key, secret_hash, role, created_by, created_at) \
             VALUES ($1, $2, 'First key', $3, $4, $5, $6, $7)",
            [
                workspace.as_str().into(),
                key.into(),
                first.key.public.as_str().into(),
                hash_secret(&platform.pepper, &first.key.secret).into(),
                owner.into(),
                user.as_str().into(),
                now.into(),
            ],
        ),
    ];
    match db.batch(&statements).await {
        Ok(()) => Ok(Some(Owner {
            workspace_id: workspace,
            email: Some(first.email.to_owned()),
        })),
        Err(DbError::Unique(_)) if find(db).await?.is_some() => Ok(None),
        Err(e) => Err(e.into()),
    }
}

/// Whether a text can be an e-mail address. Only a message to it proves that it is one.
pub(crate) fn is_email(text: &str) -> bool {
    let Some((local, domain)) = text.rsplit_once('@') else {
        return false;
    };
    text.len() <= 254
        && !local.is_empty()
        && !domain.is_empty()
        && !domain.starts_with('.')
        && !domain.ends_with('.')
        && !text.chars().any(|c| c.is_whitespace() || c.is_control())
}

#[cfg(test)]
mod tests {
    use super::is_email;

    #[test]
    fn addresses() {
        for (text, ok) in [
            ("owner@example.com", true),
            ("owner@localhost", true),
            ("a.b+c@sub.example.com", true),
            ("owner", false),
            ("@example.com", false),
            ("owner@", false),
            ("own er@example.com", false),
            ("owner@.com", false),
        ] {
            assert_eq!(is_email(text), ok, "{text}");
        }
    }
}
