//! `rolecall denials`: the requests that were refused of late, and those to come.

use super::remote::{Server, member};
use super::{say, table};
use anyhow::{Context, Result, anyhow};
use clap::Args;
use rolecall_core::clock::text::iso8601;
use rolecall_core::clock::{Clock, SystemClock};
use serde_json::{Value, json};
use std::process::ExitCode;
use std::time::Duration;

/// What `rolecall denials` takes.
#[derive(Debug, Args)]
pub(super) struct Denials {
    #[command(flatten)]
    filter: Filter,
    /// The last so many
    #[arg(long, value_name = "N", default_value_t = 20)]
    last: u16,
    /// Also what was refused for another reason than a right: requests in vain, or wrong
    #[arg(long)]
    all: bool,
    /// Go on with those to come, until interrupted
    #[arg(long)]
    follow: bool,
    #[command(flatten)]
    server: Server,
}

/// Which refusals.
#[derive(Debug, Args)]
pub(super) struct Filter {
    /// Of this caller: an ARN, or the name of a user, a role or a session
    #[arg(long, value_name = "NAME")]
    user: Option<String>,
    /// Of this operation, such as iam:ListUsers or s3:*
    #[arg(long, value_name = "SERVICE:OPERATION")]
    action: Option<String>,
    /// Not older than this: a time such as 2026-01-31T12:00:00Z, or how long ago, such as 90s, 15m, 2h
    #[arg(long, value_name = "TIME", value_parser = since)]
    since: Option<i64>,
}

/// Refusals, and the number after which to go on.
struct Page {
    refusals: Vec<Value>,
    next: u64,
}

impl Denials {
    pub(super) async fn run(self) -> Result<ExitCode> {
        let last = self.last.clamp(1, MOST).to_string();
        let page = self.page(&[("Last", last.as_str())]).await?;
        if !self.follow {
            let text = if page.refusals.is_empty() {
                "Nothing was refused since the server's start, as far as is kept.".to_owned()
            } else {
                shown(&page.refusals, true)
            };
            return self.server.print(&text, &json!({ "Refusals": page.refusals }));
        }
        if !self.server.wants_json() {
            say(&shown(&page.refusals, true))?;
        }
        self.follow(page).await
    }

    /// A line for each, also as JSON: programs read them as they come.
    async fn follow(&self, mut page: Page) -> Result<ExitCode> {
        let mut is_first = true;
        loop {
            if self.server.wants_json() {
                page.refusals.iter().try_for_each(|refusal| say(&refusal.to_string()).map(drop))?;
            } else if !is_first && !page.refusals.is_empty() {
                say(&shown(&page.refusals, false))?;
            }
            is_first = false;
            tokio::time::sleep(PAUSE).await;
            let after = page.next.to_string();
            page = self.page(&[("After", after.as_str())]).await?;
        }
    }

    async fn page(&self, more: &[(&str, &str)]) -> Result<Page> {
        let all = [("All", "true"), ("MaxItems", "1000")];
        let (_, rest) = all.split_at(usize::from(!self.all));
        self.filter.page(&self.server, &[more, rest].concat()).await
    }
}

impl Filter {
    /// The request id of the last one, if there is any.
    pub(super) async fn last(&self, server: &Server) -> Result<Option<String>> {
        let denials = self.page(server, &[("Last", "1")]).await?;
        // Whoever asks for the last one means the last failure, if no right was wanting.
        let page = match denials.refusals.is_empty() {
            true => self.page(server, &[("Last", "1"), ("All", "true")]).await?,
            false => denials,
        };
        Ok(page.refusals.last().and_then(|last| member(last, "RequestId").as_str()).map(str::to_owned))
    }

    async fn page(&self, server: &Server, more: &[(&str, &str)]) -> Result<Page> {
        let since = self.since.map(iso8601);
        let named = [("UserName", &self.user), ("Operation", &self.action), ("Since", &since)];
        let mut params: Vec<(&str, &str)> =
            named.into_iter().filter_map(|(name, value)| Some((name, value.as_deref()?))).collect();
        params.extend(more);
        let answer = server.result("ListRefusals", &params).await?;
        let refusals = member(&answer, "Refusals").as_array().cloned().unwrap_or_default();
        Ok(Page { refusals, next: member(&answer, "Next").as_u64().unwrap_or_default() })
    }
}

fn shown(refusals: &[Value], with_head: bool) -> String {
    let head = ["TIME", "OPERATION", "CALLER", "REFUSED WITH", "EXPLAINED BY"];
    let rows = refusals.iter().map(|refusal| {
        let word = |name: &str| member(refusal, name).as_str().unwrap_or_default().to_owned();
        let caller = member(refusal, "Caller").as_str().map(short);
        let key =
            || format!("nobody known ({})", member(refusal, "AccessKeyId").as_str().unwrap_or("no key"));
        #[expect(clippy::cast_possible_truncation, reason = "whole seconds, which some answers write as 1.0")]
        let time = iso8601(member(refusal, "Time").as_f64().unwrap_or_default() as i64);
        [
            time,
            word("Operation"),
            caller.unwrap_or_else(key),
            word("Code"),
            format!("rolecall why {}", word("RequestId")),
        ]
    });
    table::of(with_head.then_some(head), rows.collect())
}

/// A caller without what is the same of all.
fn short(arn: &str) -> String {
    match arn.splitn(6, ':').collect::<Vec<_>>().as_slice() {
        ["arn", _, _, _, account, resource] => format!("{account} {resource}"),
        _ => arn.to_owned(),
    }
}

/// A time in seconds since 1970.
fn since(text: &str) -> Result<i64> {
    let wrong =
        || anyhow!("neither a time such as 2026-01-31T12:00:00Z nor how long ago, such as 90s, 15m, 2h");
    if let Ok(time) = text.parse::<jiff::Timestamp>() {
        return Ok(time.as_second());
    }
    let unit = text.char_indices().next_back().with_context(wrong)?;
    let seconds = UNITS.iter().find(|(name, _)| *name == unit.1).map(|(_, seconds)| *seconds);
    let number: u32 = text.get(..unit.0).and_then(|number| number.parse().ok()).with_context(wrong)?;
    Ok(SystemClock::default().now() - i64::from(number) * seconds.with_context(wrong)?)
}

const UNITS: [(char, i64); 4] = [('s', 1), ('m', 60), ('h', 3_600), ('d', 86_400)];
/// How long to wait before asking for more.
const PAUSE: Duration = Duration::from_secs(2);
/// The most at a time.
const MOST: u16 = 1_000;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_read_as_moments_and_as_ages() {
        assert_eq!(since("2026-01-31T12:00:00Z").unwrap(), 1_769_860_800);
        let now = SystemClock::default().now();
        for (text, age) in [("90s", 90), ("15m", 900), ("2h", 7_200), ("1d", 86_400)] {
            assert!((age..age + 5).contains(&(now + 2 - since(text).unwrap())), "{text}");
        }
        for text in ["", "2", "2w", "yesterday", "-1h", "é"] {
            assert!(since(text).is_err(), "{text}");
        }
    }

    #[test]
    fn a_caller_is_shown_by_account_and_name() {
        assert_eq!(short("arn:aws:iam::123456789012:user/ann"), "123456789012 user/ann");
        assert_eq!(short("accounts.google.com:42"), "accounts.google.com:42");
    }
}
