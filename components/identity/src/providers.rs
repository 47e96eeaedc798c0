//! The identity providers that the operator configured.

use assay_edge::{Ctx, Problem, ProblemKind, Reply, reply, variable};
use serde_json::json;

/// Microsoft's host; the tenant follows in the path.
const MICROSOFT: &str = "https://login.microsoftonline.com/";

/// A provider that people may sign in with.
pub(crate) struct Provider {
    /// Its name in paths.
    pub(crate) id: &'static str,
    /// Its name on the button.
    pub(crate) name: String,
    /// Where its description is found; its issuer, but for Microsoft's tenants that have names.
    pub(crate) issuer: String,
    /// Our id there.
    pub(crate) client_id: String,
    /// Our secret there; empty for a client that has none.
    pub(crate) client_secret: String,
}

impl Provider {
    /// Whether a description of `issuer` is this provider's.
    pub(crate) fn is_issuer(&self, issuer: &str) -> bool {
        let same = issuer.trim_end_matches('/') == self.issuer.trim_end_matches('/');
        // A tenant may be configured by a name and is described by its id.
        let tenant = self.id == "microsoft"
            && issuer.starts_with(MICROSOFT)
            && issuer.ends_with("/v2.0")
            && !issuer.contains("..");
        same || tenant
    }

    /// Whether its word for an address counts. Where the tenants of all the world may sign in, one that anyone can make
    /// claims any address.
    pub(crate) fn proves_addresses(&self) -> bool {
        self.id != "microsoft" || self.is_one_tenant()
    }

    /// Whether only people of one Microsoft tenant, the operator's own, sign in.
    pub(crate) fn is_one_tenant(&self) -> bool {
        let tenant = self.issuer.strip_prefix(MICROSOFT);
        let tenant = tenant.and_then(|rest| rest.strip_suffix("/v2.0"));
        tenant.is_some_and(|t| !["common", "organizations", "consumers"].contains(&t))
    }
}

/// All that are configured.
///
/// # Errors
/// `misconfigured` when half of one is.
pub(crate) async fn all() -> Result<Vec<Provider>, Problem> {
    let mut found = Vec::new();
    let google = variable("google_client_id").await?;
    if !google.is_empty() {
        found.push(Provider {
            id: "google",
            name: "Google".into(),
            issuer: "https://accounts.google.com".into(),
            client_id: google,
            client_secret: variable("google_client_secret").await?,
        });
    }
    let microsoft = variable("microsoft_client_id").await?;
    if !microsoft.is_empty() {
        let tenant = variable("microsoft_tenant").await?;
        found.push(Provider {
            id: "microsoft",
            name: "Microsoft".into(),
            issuer: microsoft_issuer(&tenant)?,
            client_id: microsoft,
            client_secret: variable("microsoft_client_secret").await?,
        });
    }
    let issuer = variable("oidc_issuer").await?;
    if !issuer.is_empty() {
        let client_id = variable("oidc_client_id").await?;
        if client_id.is_empty() {
            let detail = "`oidc_client_id` must be set, because `oidc_issuer` is.";
            return Err(Problem::new(ProblemKind::Misconfigured, detail));
        }
        let name = variable("oidc_name").await?;
        found.push(Provider {
            id: "oidc",
            name: if name.is_empty() {
                "Single sign-on".into()
            } else {
                name
            },
            issuer,
            client_id,
            client_secret: variable("oidc_client_secret").await?,
        });
    }
    Ok(found)
}

fn microsoft_issuer(tenant: &str) -> Result<String, Problem> {
    let tenant = if tenant.is_empty() { "common" } else { tenant };
    if tenant
        .bytes()
        .any(|b| !b.is_ascii_alphanumeric() && b != b'-' && b != b'.')
    {
        let detail = "`microsoft_tenant` is neither a tenant's id nor its name.";
        return Err(Problem::new(ProblemKind::Misconfigured, detail));
    }
    Ok(format!("{MICROSOFT}{tenant}/v2.0"))
}

/// The one that a path names.
pub(crate) async fn find(id: &str) -> Result<Provider, Problem> {
    let found = all().await?.into_iter().find(|p| p.id == id);
    found.ok_or_else(|| Problem::not_found("identity provider"))
}

/// `GET /api/v1/auth/providers`.
pub(crate) async fn list(ctx: Ctx) -> Result<Reply, Problem> {
    ctx.only_query(&[])?;
    let data: Vec<_> = all()
        .await?
        .iter()
        .map(|p| {
            json!({"id": p.id, "name": p.name, "sign_in_url": format!("/api/v1/auth/sign-in/{}", p.id)})
        })
        .collect();
    reply::ok(&json!({"data": data}))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn provider(id: &'static str, issuer: &str) -> Provider {
        Provider {
            id,
            name: String::new(),
            issuer: issuer.into(),
            client_id: "us".into(),
            client_secret: String::new(),
        }
    }

    #[test]
    fn only_ones_own_tenant_gives_out_addresses() {
        let of = |tenant: &str| provider("microsoft", &microsoft_issuer(tenant).unwrap());
        assert!(of("acme.example").proves_addresses());
        for shared in ["", "common", "organizations", "consumers"] {
            assert!(!of(shared).proves_addresses(), "{shared}");
        }
        assert!(provider("oidc", "https://id.example").proves_addresses());
        assert!(!provider("oidc", "https://id.example").is_one_tenant());
    }

    #[test]
    fn issuers() {
        let own = provider("oidc", "https://id.example/");
        assert!(own.is_issuer("https://id.example"));
        assert!(!own.is_issuer("https://id.example.evil"));
        assert!(!own.is_issuer("https://login.microsoftonline.com/x/v2.0"));
        let named = provider("microsoft", &microsoft_issuer("acme.example").unwrap());
        assert!(named.is_issuer("https://login.microsoftonline.com/0190/v2.0"));
        assert!(!named.is_issuer("https://login.microsoftonline.com.evil/0190/v2.0"));
        assert!(microsoft_issuer("../evil").is_err());
        assert!(microsoft_issuer("").unwrap().ends_with("/common/v2.0"));
    }
}
