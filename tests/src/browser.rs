//! A browser as far as sessions go: it keeps cookies, and follows no redirect by itself.

use crate::{Answer, Client};
use std::collections::BTreeMap;

/// Keeps the cookies of one site.
#[derive(Clone)]
pub struct Browser {
    client: Client,
    /// The cookies, by name.
    pub cookies: BTreeMap<String, String>,
    /// Headers that every request carries.
    pub headers: Vec<(String, String)>,
}

impl Browser {
    /// A browser without cookies.
    #[must_use]
    pub fn new(url: &str) -> Self {
        Self {
            client: Client::anonymous(url),
            cookies: BTreeMap::new(),
            headers: Vec::new(),
        }
    }

    /// The same browser, for a site that moved.
    #[must_use]
    pub fn at(&self, url: &str) -> Self {
        Self {
            client: Client::anonymous(url),
            ..self.clone()
        }
    }

    /// Sends a request with the cookies and keeps those that come back.
    pub fn send(
        &mut self,
        method: &str,
        path: &str,
        headers: &[(&str, &str)],
        body: Option<&str>,
    ) -> Answer {
        let cookies: Vec<String> = self
            .cookies
            .iter()
            .map(|(n, v)| format!("{n}={v}"))
            .collect();
        let cookies = cookies.join("; ");
        let own = self.headers.clone();
        let mut all: Vec<(&str, &str)> = own
            .iter()
            .map(|(n, v)| (n.as_str(), v.as_str()))
            .chain(headers.iter().copied())
            .collect();
        if !cookies.is_empty() {
            all.push(("cookie", &cookies));
        }
        let answer = self
            .client
            .send(method, path, &all, body.map(str::as_bytes));
        for (_, value) in answer.headers.iter().filter(|(n, _)| n == "set-cookie") {
            let pair = value.split(';').next().unwrap_or_default();
            let (name, text) = pair.split_once('=').expect("a cookie");
            if text.is_empty() {
                self.cookies.remove(name);
            } else {
                self.cookies.insert(name.to_owned(), text.to_owned());
            }
        }
        answer
    }

    /// `GET`.
    pub fn get(&mut self, path: &str) -> Answer {
        self.send("GET", path, &[], None)
    }

    /// A request as a page of ours makes it: with the token that the page reads from its cookie.
    pub fn unsafe_request(&mut self, method: &str, path: &str) -> Answer {
        let token = self.cookies.get("assay_csrf").cloned().unwrap_or_default();
        self.send(method, path, &[("x-csrf-token", &token)], None)
    }

    /// Every `Set-Cookie` of an answer.
    #[must_use]
    pub fn set_cookies(answer: &Answer) -> Vec<String> {
        let all = answer.headers.iter().filter(|(n, _)| n == "set-cookie");
        all.map(|(_, v)| v.clone()).collect()
    }
}
