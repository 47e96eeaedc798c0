//! People, as providers know them.

use assay_access::{Identity, Role};
use assay_edge::db::{Db, DbError, Row, Statement};
use assay_edge::{Problem, clock, new_id};

/// The domain of addresses that stand for "none that was proven". Reserved, so that nobody has one.
const NOBODY: &str = "@unverified.invalid";

/// An address as it is shown: only one that was proven.
pub(crate) fn shown_email(stored: &str) -> Option<&str> {
    (!stored.ends_with(NOBODY)).then_some(stored)
}

/// The person whom a provider names, made at the first sign-in with a workspace of their own.
///
/// Issuer and subject name a person. An address only leads to someone whom the installation knows by address alone, such
/// as the owner that the operator configured, and only when the provider says that it is theirs.
pub(crate) async fn of_identity(db: &Db, identity: &Identity) -> Result<String, Problem> {
    if let Some(user) = known(db, identity).await? {
        return Ok(user);
    }
    match make(db, identity).await {
        Ok(user) => Ok(user),
        // Someone else's sign-in was first, or an address was taken in between: both are found now.
        Err(DbError::Unique(_)) => match known(db, identity).await? {
            Some(user) => Ok(user),
            None => Ok(make(db, identity).await?),
        },
        Err(e) => Err(e.into()),
    }
}

async fn known(db: &Db, identity: &Identity) -> Result<Option<String>, Problem> {
    let sql = "UPDATE identities SET last_sign_in_at = $3 WHERE issuer = $1 AND subject = $2 RETURNING user_id";
    let params = [
        identity.issuer.as_str().into(),
        identity.subject.as_str().into(),
        clock::now().into(),
    ];
    let rows = db.query(sql, params).await?;
    rows.first()
        .map(|row| row.text("user_id").map_err(Problem::from))
        .transpose()
}

/// Whether someone has the address, and whether they ever came by a provider.
async fn by_address(db: &Db, email: &str) -> Result<Option<Row>, DbError> {
    let sql = "SELECT u.id AS id, CASE WHEN EXISTS (SELECT 1 FROM identities i WHERE i.user_id = u.id) \
               THEN 1 ELSE 0 END AS known FROM users u WHERE lower(u.email) = $1 ORDER BY u.created_at LIMIT 1";
    Ok(db.query(sql, [email.into()]).await?.into_iter().next())
}

async fn make(db: &Db, identity: &Identity) -> Result<String, DbError> {
    let now = clock::now();
    let email = identity
        .email
        .as_ref()
        .map(|e| e.to_lowercase())
        .filter(|e| crate::owner::is_email(e) && shown_email(e).is_some());
    let holder = match &email {
        Some(email) => by_address(db, email).await?,
        None => None,
    };
    let joins = match &holder {
        Some(row) if row.int("known")? == 0 => Some(row.text("id")?),
        _ => None,
    };
    let user = joins.clone().unwrap_or_else(new_id);
    let own = match (email, &holder) {
        (Some(email), None) => email,
        _ => format!("{user}{NOBODY}"),
    };
    let name: String = identity
        .name
        .chars()
        .filter(|c| !c.is_control())
        .take(200)
        .collect();
    let identity = Statement::new(
        "INSERT INTO identities (issuer, subject, user_id, email, created_at, last_sign_in_at) VALUES ($1, $2, $3, $4, $5, $5)",
        [
            identity.issuer.as_str().into(),
            identity.subject.as_str().into(),
            user.as_str().into(),
            identity.email.clone().unwrap_or_default().into(),
            now.into(),
        ],
    );
    let mut statements = vec![identity];
    if joins.is_none() {
        let workspace = new_id();
        let title = if name.is_empty() {
            "Personal".to_owned()
        } else {
            format!("{name}'s workspace")
        };
        statements.push(Statement::new(
            "INSERT INTO users (id, email, name, created_at) VALUES ($1, $2, $3, $4)",
            [user.as_str().into(), own.into(), name.into(), now.into()],
        ));
        statements.push(Statement::new(
            "INSERT INTO workspaces (id, name, created_at, updated_at) VALUES ($1, $2, $3, $3)",
            [workspace.as_str().into(), title.into(), now.into()],
        ));
        statements.push(Statement::new(
            "INSERT INTO members (workspace_id, user_id, role, created_at) VALUES ($1, $2, $3, $4)",
            [
                workspace.as_str().into(),
                user.as_str().into(),
                Role::Owner.as_str().into(),
                now.into(),
            ],
        ));
    }
    db.batch(&statements).await?;
    Ok(user)
}

#[cfg(test)]
mod tests {
    use super::{NOBODY, shown_email};

    #[test]
    fn only_proven_addresses_are_shown() {
        assert_eq!(shown_email("a@example.com"), Some("a@example.com"));
        assert_eq!(shown_email(&format!("0190{NOBODY}")), None);
    }
}
