//! Campaigns as people name them: by an id, or as `name:NAME`.

use crate::api::{Client, Page};
use anyhow::{Result, bail};
use serde::Deserialize;

/// A campaign's id.
///
/// # Errors
/// When there is none of that name, or the server does not say.
pub(crate) fn find(client: &Client, named: &str) -> Result<String> {
    #[derive(Deserialize)]
    struct Campaign {
        id: String,
        status: String,
    }
    let Some(name) = named.strip_prefix("name:") else {
        if named.is_empty()
            || !named
                .bytes()
                .all(|b| b.is_ascii_alphanumeric() || b == b'-')
        {
            bail!("`{named}` is not a campaign's id; by its name it is `name:{named}`");
        }
        return Ok(named.to_owned());
    };
    let query = url::form_urlencoded::Serializer::new(String::new())
        .append_pair("name", name)
        .append_pair("limit", "100")
        .finish();
    let mut cursor = String::new();
    loop {
        let page: Page<Campaign> = client.get(&format!("/api/v1/campaigns?{query}{cursor}"))?;
        let ended = page.data.into_iter().find(|c| c.status == "completed");
        if let Some(campaign) = ended {
            return Ok(campaign.id);
        }
        match page.next_cursor {
            Some(next) => cursor = format!("&cursor={next}"),
            None => bail!("no campaign of the name `{name}` has been completed"),
        }
    }
}
