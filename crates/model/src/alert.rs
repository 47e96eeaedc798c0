//! Alerts: what of production is watched, when that is told, and to whom.

use crate::headers::check_shown;
use crate::schema::{HTTP_URL, NAME};
use crate::secret::{self, SecretHeader, is_name};
use crate::{FieldError, Filter, HeaderPart, Validate, Validator};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::collections::BTreeMap;

/// Longest time that an alert looks back, in minutes: a week.
const MAX_WINDOW: u32 = 10_080;
/// Most channels of an alert.
const MAX_CHANNELS: usize = 10;
/// Most people that one letter goes to.
const MAX_RECIPIENTS: usize = 20;

/// What is watched.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case", tag = "type", deny_unknown_fields)]
pub enum AlertMeasure {
    /// The scores of a name, by the time at which they were given; numbers, or yes (1) and no (0).
    Score {
        /// The score's name: of online evaluation, the metric's.
        #[schemars(length(min = 1, max = 200))]
        name: String,
    },
    /// How long traces took, in milliseconds.
    Latency {},
    /// What traces cost, in US dollars.
    Cost {},
    /// Whether anything of a trace failed: 1 or 0, so that the mean is the error rate.
    ErrorRate {},
}

/// How the values within the window become one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum AlertAggregation {
    /// Their mean.
    Mean,
    /// The share of those that are `pass_at` or more.
    PassRate,
    /// The 50th percentile: as all percentiles a value that occurred.
    P50,
    /// The 95th percentile.
    P95,
    /// The 99th percentile.
    P99,
    /// Their sum.
    Sum,
    /// How many there are.
    Count,
}

impl AlertAggregation {
    /// For people.
    #[must_use]
    pub const fn words(self) -> &'static str {
        match self {
            Self::Mean => "mean",
            Self::PassRate => "pass rate",
            Self::P50 => "p50",
            Self::P95 => "p95",
            Self::P99 => "p99",
            Self::Sum => "sum",
            Self::Count => "count",
        }
    }
}

/// On which side of the threshold an alert fires.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Comparison {
    /// Less than it.
    Below,
    /// More than it.
    Above,
}

/// Which shift is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Shift {
    /// Values that became less.
    Down,
    /// Values that became more.
    Up,
    /// Either.
    #[default]
    Any,
}

/// When an alert fires.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case", tag = "type", deny_unknown_fields)]
pub enum AlertCondition {
    /// A number is passed.
    Threshold {
        /// How the values become one.
        aggregation: AlertAggregation,
        /// On which side it fires.
        comparison: Comparison,
        /// The number.
        value: f64,
        /// With `pass_rate`: from where on a value passes.
        #[serde(default = "half")]
        pass_at: f64,
    },
    /// The values within the window are of another kind than those before it: the test of Kolmogorov and Smirnov, and a shift of the
    /// mean that is large enough.
    ChangePoint {
        /// How long the time before the window is that is compared with, in minutes.
        #[schemars(range(min = 1, max = MAX_WINDOW))]
        reference_minutes: u32,
        /// Which shift is told.
        #[serde(default)]
        shift: Shift,
        /// How far the means are apart at least, in the unit of what is watched.
        #[serde(default)]
        #[schemars(range(min = 0))]
        min_shift: f64,
        /// The chance of a false alarm that is taken at each look.
        #[serde(default = "hundredth")]
        #[schemars(range(min = 0.000_000_001, max = 0.5))]
        significance: f64,
    },
}

const fn half() -> f64 {
    0.5
}

const fn hundredth() -> f64 {
    0.01
}

/// How grave it is.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum AlertSeverity {
    /// Worth knowing.
    Info,
    /// Worth a look.
    #[default]
    Warning,
    /// To be seen to at once.
    Critical,
}

impl AlertSeverity {
    /// As it is written.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Info => "info",
            Self::Warning => "warning",
            Self::Critical => "critical",
        }
    }
}

/// What becomes of an alert while there are too few values to say anything. None of these is a recovery.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum OnNoData {
    /// It is in the state `no_data`.
    #[default]
    Show,
    /// That, and the channels are told.
    Notify,
    /// It stays in the state that it was in.
    Keep,
}

/// Whose HTTP interface sends a letter.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum MailService {
    /// Resend's (`https://api.resend.com/emails`), and whoever takes `from`, `to`, `subject` and `text` as JSON.
    Resend,
    /// SendGrid's (`https://api.sendgrid.com/v3/mail/send`).
    Sendgrid,
    /// Postmark's (`https://api.postmarkapp.com/email`).
    Postmark,
    /// Mailgun's (`https://api.mailgun.net/v3/<domain>/messages`), which takes a form.
    Mailgun,
}

/// Where it is told. A secret of the workspace may be named in the path of the URL and in headers, as in `{{ secrets.name }}`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case", tag = "type", deny_unknown_fields)]
pub enum AlertChannel {
    /// A server of your own, which is sent JSON.
    Webhook {
        /// Where it is.
        #[schemars(length(max = 2000), regex(pattern = HTTP_URL))]
        url: String,
        /// The secret that the body is signed with, by name: `x-assay-signature` is `t=<seconds>,v1=<HMAC-SHA256 of "<seconds>.<body>">`.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        signing_secret: Option<String>,
        /// Further headers.
        #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
        #[schemars(extend("maxProperties" = 50))]
        headers: BTreeMap<String, String>,
    },
    /// An incoming webhook of Slack's, or of who takes the same (Mattermost, Discord with `/slack`).
    Slack {
        /// Where it is; its path is a secret: `https://hooks.slack.com/services/{{ secrets.slack }}`.
        #[schemars(length(max = 2000), regex(pattern = HTTP_URL))]
        url: String,
    },
    /// A letter, by a service that sends them over HTTP.
    Email {
        /// Whose interface it is.
        service: MailService,
        /// Where it is.
        #[schemars(length(max = 2000), regex(pattern = HTTP_URL))]
        url: String,
        /// What proves who sends, e.g. `{"authorization": "Bearer {{ secrets.resend }}"}`.
        #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
        #[schemars(extend("maxProperties" = 50))]
        headers: BTreeMap<String, String>,
        /// Who it is from: `alerts@example.com`, or `Alerts <alerts@example.com>`.
        #[schemars(length(min = 3, max = 320))]
        from: String,
        /// Who it goes to.
        #[schemars(length(min = 1, max = MAX_RECIPIENTS), inner(length(min = 3, max = 320)))]
        to: Vec<String>,
    },
}

impl AlertChannel {
    /// Its URL, as it was written.
    #[must_use]
    pub fn url(&self) -> &str {
        match self {
            Self::Webhook { url, .. } | Self::Slack { url } | Self::Email { url, .. } => url,
        }
    }

    /// Its headers, as they were written.
    #[must_use]
    pub fn headers(&self) -> Option<&BTreeMap<String, String>> {
        match self {
            Self::Webhook { headers, .. } | Self::Email { headers, .. } => Some(headers),
            Self::Slack { .. } => None,
        }
    }

    /// As it is written.
    #[must_use]
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::Webhook { .. } => "webhook",
            Self::Slack { .. } => "slack",
            Self::Email { .. } => "email",
        }
    }

    /// The path of its URL where that names secrets, as what stands in it is put in.
    #[must_use]
    pub fn secret_path(&self) -> Option<SecretHeader> {
        let path = path_of(self.url())?;
        let whole = |text: &str| Ok::<_, std::convert::Infallible>(text.to_owned());
        SecretHeader::of(SecretHeader::PATH, path, whole)
            .ok()
            .flatten()
    }

    /// The secrets that it names, each with its JSON pointer.
    fn secrets(&self, at: &str) -> Vec<(String, String)> {
        let mut named = Vec::new();
        let url = BTreeMap::from([("url".to_owned(), self.url().to_owned())]);
        named.extend(secret::named(at, &url));
        if let Some(headers) = self.headers() {
            named.extend(secret::named(&format!("{at}/headers"), headers));
        }
        if let Self::Webhook {
            signing_secret: Some(name),
            ..
        } = self
        {
            named.push((format!("{at}/signing_secret"), name.clone()));
        }
        named
    }
}

/// What stands behind the host, with its slash.
fn path_of(url: &str) -> Option<&str> {
    let (_, rest) = url.split_once("://")?;
    let at = rest.find('/')?;
    let path = rest.get(at..)?;
    Some(path.split(['?', '#']).next().unwrap_or(path))
}

impl Validate for AlertChannel {
    fn check(&self, v: &mut Validator) {
        let url = self.url();
        v.http_url("url", url);
        v.longest("url", url, 2000);
        // Beside the path they would stand where what is called is told, or be sent as they are written.
        let all = BTreeMap::from([(String::new(), url.to_owned())]);
        let in_path =
            BTreeMap::from([(String::new(), path_of(url).unwrap_or_default().to_owned())]);
        v.require(
            secret::named("", &all).len() == secret::named("", &in_path).len(),
            "url",
            "may name secrets in its path alone",
        );
        if let Some(headers) = self.headers() {
            v.at("headers", |v| {
                check_shown(v, headers, &["x-assay-signature"])
            });
        }
        match self {
            Self::Webhook {
                signing_secret: Some(name),
                ..
            } => v.require(is_name(name), "signing_secret", "must be a secret's name"),
            Self::Email { from, to, .. } => {
                v.require(
                    is_sender(from),
                    "from",
                    "must be an address, as in `Alerts <a@example.com>`",
                );
                v.require(
                    (1..=MAX_RECIPIENTS).contains(&to.len()),
                    "to",
                    format!("must be 1 to {MAX_RECIPIENTS}"),
                );
                v.at("to", |v| {
                    for (i, address) in to.iter().enumerate() {
                        v.require(is_address(address), &i.to_string(), "must be an address");
                    }
                });
            }
            Self::Webhook { .. } | Self::Slack { .. } => {}
        }
    }
}

/// Whether a text is the address of a letter, as far as that can be seen.
fn is_address(text: &str) -> bool {
    let fits = |part: &str| {
        !part.is_empty()
            && !part
                .contains(|c: char| c.is_whitespace() || c.is_control() || "<>,;@\"".contains(c))
    };
    text.len() <= 320
        && text
            .split_once('@')
            .is_some_and(|(who, host)| fits(who) && fits(host))
}

/// Whether a text is an address with a name before it, or without.
fn is_sender(text: &str) -> bool {
    let named = text.strip_suffix('>').and_then(|rest| rest.split_once('<'));
    match named {
        Some((name, address)) => {
            is_address(address) && !name.contains(|c: char| c.is_control() || "<>\"".contains(c))
        }
        None => is_address(text),
    }
}

const fn on() -> bool {
    true
}

const fn ten() -> u32 {
    10
}

/// An alert as a client writes it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct AlertSpec {
    /// Display name, unique in the workspace.
    #[schemars(length(min = 1, max = 200), regex(pattern = NAME))]
    pub name: String,
    /// For people: what is to be done, say. It is told with the alert.
    #[serde(default)]
    #[schemars(length(max = 10000))]
    pub description: String,
    /// Whether it is looked at.
    #[serde(default = "on")]
    pub enabled: bool,
    /// What is watched.
    pub measure: AlertMeasure,
    /// Of which scores, or traces: conditions that all hold, in the grammar of their list.
    #[serde(default)]
    #[schemars(length(max = 30))]
    pub filter: Vec<Value>,
    /// How far back it looks, in minutes.
    #[schemars(range(min = 1, max = MAX_WINDOW))]
    pub window_minutes: u32,
    /// When it fires.
    pub condition: AlertCondition,
    /// How many values there must be to say anything; of `count` and `sum` it is not asked.
    #[serde(default = "ten")]
    #[schemars(range(min = 1, max = 1_000_000))]
    pub min_samples: u32,
    /// What becomes of it while there are fewer.
    #[serde(default)]
    pub no_data: OnNoData,
    /// How grave it is.
    #[serde(default)]
    pub severity: AlertSeverity,
    /// Where it is told.
    #[schemars(length(max = MAX_CHANNELS))]
    pub channels: Vec<AlertChannel>,
    /// How often it is told again while it fires, in minutes; once when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 1, max = MAX_WINDOW))]
    pub renotify_minutes: Option<u32>,
    /// Whether it is told when all is well again.
    #[serde(default = "on")]
    pub notify_recovery: bool,
    /// Labels to filter by.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(length(max = 50), inner(length(min = 1, max = 200)))]
    pub tags: Vec<String>,
}

impl AlertSpec {
    /// Its filter.
    ///
    /// # Errors
    /// One error a wrong condition, below `/filter`.
    pub fn conditions(&self) -> Result<Filter, Vec<FieldError>> {
        Filter::parse("/filter", &Value::Array(self.filter.clone()))
    }

    /// The secrets that its channels name, each with its JSON pointer.
    #[must_use]
    pub fn secrets(&self) -> Vec<(String, String)> {
        let all = self.channels.iter().enumerate();
        all.flat_map(|(i, channel)| channel.secrets(&format!("/channels/{i}")))
            .collect()
    }
}

impl Validate for AlertSpec {
    fn check(&self, v: &mut Validator) {
        v.name("name", &self.name, 200);
        v.longest("description", &self.description, 10_000);
        if let AlertMeasure::Score { name } = &self.measure {
            v.at("measure", |v| v.name("name", name, 200));
        }
        v.range("window_minutes", self.window_minutes, 1, MAX_WINDOW);
        v.at("condition", |v| match &self.condition {
            AlertCondition::Threshold {
                aggregation,
                value,
                pass_at,
                ..
            } => {
                v.require(value.is_finite(), "value", "must be a number");
                v.require(pass_at.is_finite(), "pass_at", "must be a number");
                let passes = matches!(self.measure, AlertMeasure::Score { .. })
                    || *aggregation != AlertAggregation::PassRate;
                v.require(passes, "aggregation", "is of scores");
            }
            AlertCondition::ChangePoint {
                reference_minutes,
                min_shift,
                significance,
                ..
            } => {
                v.range("reference_minutes", *reference_minutes, 1, MAX_WINDOW);
                v.range("min_shift", *min_shift, 0.0, f64::MAX);
                v.range("significance", *significance, 1e-9, 0.5);
            }
        });
        v.range("min_samples", self.min_samples, 1, 1_000_000);
        v.require(
            self.channels.len() <= MAX_CHANNELS,
            "channels",
            format!("must be at most {MAX_CHANNELS}"),
        );
        v.each("channels", &self.channels);
        if let Some(minutes) = self.renotify_minutes {
            v.range("renotify_minutes", minutes, 1, MAX_WINDOW);
        }
        v.texts("tags", &self.tags, 50, 200);
        if let Err(errors) = self.conditions() {
            v.pointers(errors);
        }
    }
}

/// Where an alert stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum AlertState {
    /// All is well, or nothing is known yet.
    #[default]
    Ok,
    /// Its condition holds.
    Firing,
    /// There are too few values to say anything.
    NoData,
}

impl AlertState {
    /// As it is written.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::Firing => "firing",
            Self::NoData => "no_data",
        }
    }

    /// That of a name.
    #[must_use]
    pub fn of(name: &str) -> Option<Self> {
        [Self::Ok, Self::Firing, Self::NoData]
            .into_iter()
            .find(|state| state.as_str() == name)
    }
}

/// What a channel is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum AlertNews {
    /// It fires.
    Firing,
    /// It fires still.
    Reminder,
    /// All is well again.
    Recovered,
    /// There are too few values to say anything.
    NoData,
    /// Somebody tries the channel.
    Test,
}

impl AlertNews {
    /// As it is written.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Firing => "firing",
            Self::Reminder => "reminder",
            Self::Recovered => "recovered",
            Self::NoData => "no_data",
            Self::Test => "test",
        }
    }
}

/// The header that carries the body's signature by the secret of that name.
#[must_use]
pub fn signature(name: &str) -> SecretHeader {
    SecretHeader {
        name: "x-assay-signature".to_owned(),
        parts: vec![HeaderPart::Signature(name.to_owned())],
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn spec(more: &Value) -> AlertSpec {
        let mut body = json!({
            "name": "a", "measure": {"type": "score", "name": "answers"}, "window_minutes": 60,
            "condition": {"type": "threshold", "aggregation": "mean", "comparison": "below", "value": 0.7},
            "channels": [{"type": "webhook", "url": "https://example.com/hook"}],
        });
        for (key, value) in more.as_object().unwrap() {
            body[key] = value.clone();
        }
        serde_json::from_value(body).unwrap()
    }

    fn fields(more: Value) -> Vec<String> {
        let errors = spec(&more).validate().err().unwrap_or_default();
        errors.into_iter().map(|e| e.field).collect()
    }

    #[test]
    fn what_is_wrong_is_named() {
        assert!(fields(json!({})).is_empty());
        assert!(fields(json!({"channels": []})).is_empty());
        for (more, field) in [
            (json!({"window_minutes": 0}), "/window_minutes"),
            (json!({"window_minutes": 10_081}), "/window_minutes"),
            (json!({"min_samples": 0}), "/min_samples"),
            (json!({"renotify_minutes": 0}), "/renotify_minutes"),
            (
                json!({"measure": {"type": "score", "name": ""}}),
                "/measure/name",
            ),
            (json!({"filter": [{"type": "string"}]}), "/filter/0"),
        ] {
            assert_eq!(fields(more.clone()), [field], "{more}");
        }
        let rate = json!({
            "measure": {"type": "latency"},
            "condition": {"type": "threshold", "aggregation": "pass_rate", "comparison": "below", "value": 0.7},
        });
        assert_eq!(fields(rate), ["/condition/aggregation"]);
        let change = json!({"condition": {"type": "change_point", "reference_minutes": 0, "min_shift": -1.0, "significance": 0.9}});
        let expected = ["reference_minutes", "min_shift", "significance"];
        assert_eq!(fields(change), expected.map(|f| format!("/condition/{f}")));
    }

    #[test]
    fn channels_say_what_is_wrong_with_them() {
        let wrong = |channel: Value| fields(json!({"channels": [channel]}));
        for (channel, field) in [
            (json!({"type": "slack", "url": "ftp://example.com/"}), "url"),
            (
                json!({"type": "slack", "url": "https://u:p@example.com/"}),
                "url",
            ),
            (
                json!({"type": "slack", "url": "https://example.com/?key={{ secrets.a }}"}),
                "url",
            ),
            (
                json!({"type": "webhook", "url": "https://example.com/", "signing_secret": "a b"}),
                "signing_secret",
            ),
            (
                json!({"type": "webhook", "url": "https://example.com/", "headers": {"authorization": "Bearer abc"}}),
                "headers/authorization",
            ),
        ] {
            assert_eq!(
                wrong(channel.clone()),
                [format!("/channels/0/{field}")],
                "{channel}"
            );
        }
        let mail = |from: &str, to: &[&str]| {
            wrong(
                json!({"type": "email", "service": "resend", "url": "https://api.resend.com/emails", "from": from, "to": to}),
            )
        };
        assert!(mail("Alerts <a@example.com>", &["b@example.com"]).is_empty());
        assert_eq!(mail("a@example.com", &[]), ["/channels/0/to"]);
        assert_eq!(
            mail("nobody", &["a@b.c", "x\r\nbcc: y@z"]),
            ["/channels/0/from", "/channels/0/to/1"]
        );
    }

    #[test]
    fn secrets_are_named_in_paths_and_headers() {
        let spec = spec(&json!({"channels": [
            {"type": "slack", "url": "https://hooks.slack.com/services/{{ secrets.slack }}"},
            {"type": "webhook", "url": "https://example.com/{{secrets.a}}/x", "signing_secret": "s",
                "headers": {"authorization": "Bearer {{ secrets.b }}"}},
        ]}));
        assert_eq!(spec.validate(), Ok(()));
        let named: Vec<(String, String)> = spec.secrets();
        let named: Vec<(&str, &str)> = named
            .iter()
            .map(|(a, b)| (a.as_str(), b.as_str()))
            .collect();
        let expected = [
            ("/channels/0/url", "slack"),
            ("/channels/1/url", "a"),
            ("/channels/1/headers/authorization", "b"),
            ("/channels/1/signing_secret", "s"),
        ];
        assert_eq!(named, expected);
        let path = spec.channels[0].secret_path().unwrap();
        assert_eq!(path.name, SecretHeader::PATH);
        let parts = [
            HeaderPart::Text("/services/".into()),
            HeaderPart::Secret("slack".into()),
        ];
        assert_eq!(path.parts, parts);
        let plain = AlertChannel::Slack {
            url: "https://example.com/x".to_owned(),
        };
        assert_eq!(plain.secret_path(), None);
    }
}
