//! Decisions of the policy engine, in nanoseconds and in units of one HMAC-SHA256 of 64 bytes measured in
//! the same run, beside the same rules in the cedar-policy crate.

mod cedar;
mod clock;
mod rules;

use anyhow::{Result, ensure};
use aws_lc_rs::hmac;
use cedar::Cedar;
use clock::nanoseconds;
use rolecall_policy::{
    Context, Kind, Layers, Named, Policies, Policy, PolicySet, Principal, PrincipalKind, Request, decide,
    explain,
};
use rules::{Ask, Rule, context};

fn main() -> Result<()> {
    let json = std::env::args().skip(1).any(|word| word == "json" || word == "--output=json");
    let mut report = Report::new();
    report.few()?;
    let growth = report.many()?;
    report.patterns()?;
    report.figure("growth exponent from 10 to 100,000 statements", growth, "", Some(0.25));
    if json {
        report.json()
    } else {
        report.table()
    }
    Ok(())
}

/// What was measured.
struct Report {
    hmac: f64,
    rows: Vec<Row>,
}

struct Row {
    name: String,
    value: f64,
    unit: &'static str,
    /// At most this; at least this, when it is a factor.
    goal: Option<f64>,
}

impl Report {
    fn new() -> Self {
        let key = hmac::Key::new(hmac::HMAC_SHA256, &[7; 32]);
        let hmac = nanoseconds(|n| hmac::sign(&key, &[n as u8; 64]));
        let mut report = Self { hmac, rows: Vec::new() };
        report.figure("one HMAC-SHA256 of 64 bytes", hmac, "ns", None);
        report
    }

    fn figure(&mut self, name: impl Into<String>, value: f64, unit: &'static str, goal: Option<f64>) {
        self.rows.push(Row { name: name.into(), value, unit, goal });
    }

    /// Ten policies in a list, as a request of the server has them.
    fn few(&mut self) -> Result<()> {
        let rules = Rule::some(10);
        let named: Vec<Named<'_>> = rules.iter().map(|rule| rule.iam()).collect::<Result<_>>()?;
        let world = World::new((&named).into(), &rules);
        let decided = nanoseconds(|n| world.decide(n));
        self.figure("decide, 10 policies in a list", decided, "ns", Some(1000.0));
        let explained = nanoseconds(|n| world.explain(n));
        self.figure("explain, 10 policies in a list", explained, "ns", None);
        self.figure("explain in parts of decide", explained / decided, "", Some(10.0));
        self.beside_cedar(&world, &rules, decided, 20.0)
    }

    fn beside_cedar(&mut self, world: &World<'_>, rules: &[Rule], ours: f64, goal: f64) -> Result<()> {
        let cedar = Cedar::new(rules, &world.asks)?;
        let same = (0..world.asks.len()).all(|n| world.decide(n) == cedar.allows(n));
        ensure!(same, "Cedar decides otherwise");
        let theirs = nanoseconds(|n| cedar.allows(n));
        self.figure(format!("cedar-policy, {} policies", rules.len()), theirs, "ns", None);
        self.figure(format!("times quicker than Cedar at {}", rules.len()), theirs / ours, "x", Some(goal));
        Ok(())
    }

    /// Sets of growing size; gives the exponent of growth.
    fn many(&mut self) -> Result<f64> {
        let mut ends = Vec::new();
        for (count, goal) in
            [(10, 1000.0), (100, 2000.0), (1000, 3000.0), (10_000, 4000.0), (100_000, 5000.0)]
        {
            let rules = Rule::some(count);
            let before = resident();
            let set = PolicySet::new(rules.iter().map(|rule| rule.iam()).collect::<Result<_>>()?);
            let megabytes = resident() - before;
            let world = World::new((&set).into(), &rules);
            let decided = nanoseconds(|n| world.decide(n));
            self.figure(format!("decide, set of {count} statements"), decided, "ns", Some(goal));
            ends.push((decided, count as f64));
            if count == 1000 {
                self.beside_cedar(&world, &rules, decided, 400.0)?;
            }
            if count == 100_000 {
                self.figure("memory of 100,000 policies, compiled and indexed", megabytes, "MB", Some(300.0));
            }
        }
        let slope = |(t0, n0): &(f64, f64), (t1, n1): &(f64, f64)| (t1 / t0).ln() / (n1 / n0).ln();
        Ok(ends.first().zip(ends.last()).map_or(f64::NAN, |(first, last)| slope(first, last)))
    }

    /// POL-07: patterns made to be slow.
    fn patterns(&mut self) -> Result<()> {
        let many: Vec<String> = (0..5000).map(|n| format!("*a*{n}*b*")).collect();
        for (name, patterns, length) in [
            ("*a*a*a*b against 1 MiB of a", vec!["*a*a*a*b".to_owned()], 1 << 20),
            ("*a*a*a*b* against 1 MiB of a", vec!["*a*a*a*b*".to_owned()], 1 << 20),
            ("6,144 wildcards against 1 MiB", vec!["*?".repeat(3072)], 1 << 20),
            ("a part of 3,000 gaps against 8 KiB", vec![format!("*{}b*", "a?".repeat(1500))], 8192),
            ("5,000 patterns against 1 KiB", many, 1024),
        ] {
            let list: Vec<String> = patterns.iter().map(|p| format!("\"arn:aws:s3:::{p}\"")).collect();
            let text = format!(
                r#"{{"Version":"2012-10-17","Statement":{{"Effect":"Allow","Action":"*","Resource":[{}]}}}}"#,
                list.join(",")
            );
            let named = Named::new("p", Policy::parse(&text, Kind::Identity)?);
            let resource = format!("arn:aws:s3:::{}", "a".repeat(length));
            let ask = Ask { action: "s3:GetObject".into(), resource };
            let world = World { asks: vec![ask], ..World::new((&named).into(), &[]) };
            self.figure(format!("pattern: {name}"), nanoseconds(|n| world.decide(n)), "ns", Some(1e6));
        }
        Ok(())
    }

    fn table(&self) {
        println!("{:<52} {:>12} {:>9}  {:>10}", "", "", "HMACs", "goal");
        for Row { name, value, unit, goal } in &self.rows {
            let hmacs = if *unit == "ns" { format!("{:.2}", value / self.hmac) } else { String::new() };
            let goal = goal.map(|goal| format!("{goal}")).unwrap_or_default();
            println!("{name:<52} {value:>9.2} {unit:<2} {hmacs:>9}  {goal:>10}");
        }
    }

    fn json(&self) {
        let row = |row: &Row| {
            serde_json::json!({"name": row.name, "value": row.value, "unit": row.unit, "goal": row.goal,
                "hmacs": (row.unit == "ns").then_some(row.value / self.hmac)})
        };
        println!("{}", serde_json::Value::Array(self.rows.iter().map(row).collect()));
    }
}

/// A user with policies, and what is asked.
struct World<'a> {
    principal: Principal,
    context: Context<'static>,
    policies: Policies<'a>,
    asks: Vec<Ask>,
}

impl<'a> World<'a> {
    fn new(policies: Policies<'a>, rules: &[Rule]) -> Self {
        let principal = Principal {
            kind: PrincipalKind::User { id: "AIDAUSERUSERUSERUSER1".into() },
            account: ACCOUNT.into(),
            arn: format!("arn:aws:iam::{ACCOUNT}:user/ann"),
        };
        let asks = if rules.is_empty() { Vec::new() } else { Rule::asks(rules, 4096) };
        Self { principal, context: context(), policies, asks }
    }

    fn request(&self, at: usize) -> Option<Request<'_>> {
        let ask = self.asks.get(at % self.asks.len())?;
        Some(Request {
            principal: &self.principal,
            action: &ask.action,
            resource: &ask.resource,
            resource_account: ACCOUNT,
            context: &self.context,
        })
    }

    fn layers(&self) -> Layers<'_> {
        Layers { identity: self.policies, ..Layers::default() }
    }

    fn decide(&self, at: usize) -> bool {
        self.request(at).is_some_and(|request| decide(&request, &self.layers()).is_allowed())
    }

    fn explain(&self, at: usize) -> bool {
        self.request(at).is_some_and(|request| explain(&request, &self.layers()).is_allowed())
    }
}

/// Resident memory of this process in MB.
fn resident() -> f64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    let kilobytes = line.and_then(|line| line.trim().strip_suffix(" kB")?.trim().parse::<f64>().ok());
    kilobytes.unwrap_or(f64::NAN) / 1000.0
}

const ACCOUNT: &str = "111122223333";
