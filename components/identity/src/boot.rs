//! The start of the installation: the operator's first owner, and the work that the last stop left behind.

use crate::owner::{self, First};
use crate::{link, session, signing};
use assay_access::ApiKeyPair;
use assay_edge::reseal::{Envelopes, Resealed, reseal};
use assay_edge::{Config, Ctx, Platform, Problem, ProblemKind, Reply, chain, log_error, reply};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Boot {
    /// Whether the caller is the only engine on the stores, so that every lease in them is of a dead one.
    exclusive: bool,
    /// Whether to make a one-time link that signs the first owner in.
    #[serde(default)]
    sign_in_link: SignInLink,
}

#[derive(Deserialize, Default, Clone, Copy, PartialEq, Eq)]
#[serde(rename_all = "snake_case")]
enum SignInLink {
    /// None.
    #[default]
    Never,
    /// While the owner has never signed in.
    First,
    /// In any case.
    Always,
}

#[derive(Serialize)]
struct Booted {
    workspace_id: Option<String>,
    owner_email: Option<String>,
    version: &'static str,
    /// Whether this very call made the first owner.
    first_start: bool,
    /// Whether someone must call `POST /api/v1/setup` before anything can be used.
    setup_required: bool,
    /// The path of the owner's sign-in link, where one was asked for.
    sign_in_path: Option<String>,
    /// What was sealed anew with the first of several encryption keys.
    resealed: Resealed,
}

/// What the installation seals for itself, the salts under which workspaces hash, and what they forward traces with.
pub(crate) static SEALED: [Envelopes; 6] = [
    Envelopes {
        table: "system_settings",
        id: "name",
        column: "value",
        only: "name = 'pepper'",
        place: |name| format!("settings/{name}"),
    },
    Envelopes {
        table: "signing_keys",
        id: "kid",
        column: "private_sealed",
        only: "1 = 1",
        place: signing::place,
    },
    Envelopes {
        table: "ingest_policies",
        id: "workspace_id",
        column: "salt",
        only: "1 = 1",
        place: |workspace| format!("ingest_policies/{workspace}"),
    },
    Envelopes {
        table: "forward_destinations",
        id: "id",
        column: "credential",
        only: "1 = 1",
        place: |id| assay_edge::write_only::place("forward_destinations", id),
    },
    Envelopes {
        table: "hooks",
        id: "id",
        column: "secrets",
        only: "1 = 1",
        place: |id| format!("hooks/{id}/secrets"),
    },
    Envelopes {
        table: "hooks",
        id: "id",
        column: "token",
        only: "1 = 1",
        place: |id| assay_edge::write_only::place("hooks", id),
    },
];

/// Everything that older encryption keys sealed, here and in the library.
async fn reseal_all(platform: &Platform) -> Result<Resealed, Problem> {
    let library: Resealed =
        chain::call(platform, "resources", "/internal/reseal", &json!({})).await?;
    Ok(library.and(reseal(platform, &SEALED).await?))
}

/// `POST /internal/boot`: calling it again, or by several engines at once, does no harm.
pub(crate) async fn boot(mut ctx: Ctx) -> Result<Reply, Problem> {
    let Boot {
        exclusive,
        sign_in_link,
    } = ctx.raw_json(assay_edge::DEFAULT_BODY_LIMIT).await?;
    let db = ctx.platform.db().await?;
    let (found, first_start) = match owner::find(&db).await? {
        Some(found) => (Some(found), false),
        None => match configured(&ctx.platform.config)? {
            Some(init) => {
                let first = First {
                    workspace: &init.workspace,
                    email: &init.email,
                    key: &init.key,
                };
                match owner::create(&ctx.platform, &db, &first).await? {
                    Some(made) => (Some(made), true),
                    None => (owner::find(&db).await?, false),
                }
            }
            None => (None, false),
        },
    };
    let sign_in_path = match sign_in_link {
        SignInLink::Never => None,
        asked => link::for_owner(&ctx.platform, &db, asked == SignInLink::First).await?,
    };
    session::forget_old(&db).await?;
    let resealed = reseal_all(&ctx.platform).await?;
    // The installation serves without the sweep; the next one picks up what this one missed.
    let sweep = json!({"exclusive": exclusive});
    let swept: Result<Value, Problem> =
        chain::call(&ctx.platform, "orchestrator", "/internal/sweep", &sweep).await;
    if let Err(problem) = swept {
        log_error(
            ctx.component,
            &ctx.request_id,
            "sweep at start",
            &problem.to_string(),
        );
    }
    let setup_required = found.is_none();
    let (workspace_id, owner_email) =
        found.map_or((None, None), |o| (Some(o.workspace_id), o.email));
    reply::ok(&Booted {
        workspace_id,
        owner_email,
        version: env!("CARGO_PKG_VERSION"),
        first_start,
        setup_required,
        sign_in_path,
        resealed,
    })
}

struct Init {
    workspace: String,
    email: String,
    key: ApiKeyPair,
}

/// The first owner that the operator configured, if any.
fn configured(config: &Config) -> Result<Option<Init>, Problem> {
    init(
        &config.init_workspace,
        &config.init_owner_email,
        &config.init_public_key,
        &config.init_secret_key,
    )
}

fn init(workspace: &str, email: &str, public: &str, secret: &str) -> Result<Option<Init>, Problem> {
    let wrong = |detail: String| Problem::new(ProblemKind::Misconfigured, detail);
    let all = [
        ("init_workspace", workspace),
        ("init_owner_email", email),
        ("init_public_key", public),
        ("init_secret_key", secret),
    ];
    let missing: Vec<String> = all
        .iter()
        .filter(|(_, v)| v.is_empty())
        .map(|(name, _)| format!("`{name}`"))
        .collect();
    if missing.len() == all.len() {
        return Ok(None);
    }
    if !missing.is_empty() {
        let detail = format!(
            "Set all of the `init_` variables or none: {} is missing.",
            missing.join(", ")
        );
        return Err(wrong(detail));
    }
    if workspace.chars().count() > 200 || workspace.chars().any(char::is_control) {
        return Err(wrong(
            "`init_workspace` must have at most 200 characters, none of them control characters."
                .into(),
        ));
    }
    if !owner::is_email(email) {
        return Err(wrong("`init_owner_email` is not an e-mail address.".into()));
    }
    for (name, part) in [("init_public_key", public), ("init_secret_key", secret)] {
        ApiKeyPair::check_part(part).map_err(|e| wrong(format!("`{name}` {e}.")))?;
    }
    let key = ApiKeyPair {
        public: public.to_owned(),
        secret: secret.to_owned(),
    };
    Ok(Some(Init {
        workspace: workspace.to_owned(),
        email: email.to_owned(),
        key,
    }))
}

#[cfg(test)]
mod tests {
    use super::init;

    #[test]
    fn all_or_none() {
        assert!(init("", "", "", "").unwrap().is_none());
        assert!(
            init("w", "o@example.com", "pk-12345678", "sk-12345678")
                .unwrap()
                .is_some()
        );
        let problem = init("w", "o@example.com", "pk-12345678", "").err().unwrap();
        assert!(
            problem.detail().contains("init_secret_key")
                && !problem.detail().contains("init_public_key")
        );
    }

    #[test]
    fn what_is_wrong_is_named_and_the_secret_is_not_told() {
        for (args, name) in [
            (
                ("w", "nobody", "pk-12345678", "sk-12345678"),
                "init_owner_email",
            ),
            (
                ("w", "o@example.com", "pk", "sk-12345678"),
                "init_public_key",
            ),
            (
                ("w", "o@example.com", "pk-12345678", "sk:12345678"),
                "init_secret_key",
            ),
            (
                ("w\n", "o@example.com", "pk-12345678", "sk-12345678"),
                "init_workspace",
            ),
        ] {
            let problem = init(args.0, args.1, args.2, args.3).err().unwrap();
            assert!(problem.detail().contains(name), "{problem}");
            assert!(!problem.to_string().contains(args.3), "{problem}");
        }
    }
}
