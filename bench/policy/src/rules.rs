//! Rules in no language, and requests about them; written as IAM policies and as Cedar policies, they must
//! mean the same.

use rolecall_policy::{Context, Kind, Named, Policy};

/// A rule about two actions on the resources of one prefix.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Rule(usize);

/// A question about some rule.
#[derive(Debug)]
pub(crate) struct Ask {
    /// `service:Action`.
    pub(crate) action: String,
    /// An ARN.
    pub(crate) resource: String,
}

impl Rule {
    /// So many different rules.
    pub(crate) fn some(count: usize) -> Vec<Self> {
        (0..count).map(Self).collect()
    }

    fn service(self) -> &'static str {
        SERVICES.get(self.0 % SERVICES.len()).copied().unwrap_or_default()
    }

    fn actions(self) -> [String; 2] {
        [0, 1].map(|n| {
            format!("{}:{}", self.service(), ACTIONS.get((self.0 + n) % ACTIONS.len()).unwrap_or(&""))
        })
    }

    fn resources(self) -> String {
        let Self(n) = self;
        match self.service() {
            "s3" => format!("arn:aws:s3:::bucket-{n}/team-{}/", n % 7),
            other => format!("arn:aws:{other}:us-east-1:111122223333:thing/app-{n}/"),
        }
    }

    fn denies(self) -> bool {
        self.0 % 10 == 9
    }

    fn team(self) -> Option<String> {
        (self.0 % 3 == 0).then(|| format!("t{}", self.0 % 6))
    }

    /// As an IAM policy.
    pub(crate) fn iam(self) -> anyhow::Result<Named<'static>> {
        let [first, second] = self.actions();
        let effect = if self.denies() { "Deny" } else { "Allow" };
        let condition = match (self.denies(), self.team()) {
            (true, _) => r#","Condition":{"Bool":{"aws:SecureTransport":"false"}}"#.to_owned(),
            (false, Some(team)) => {
                format!(r#","Condition":{{"StringEquals":{{"aws:PrincipalTag/team":"{team}"}}}}"#)
            }
            (false, None) => String::new(),
        };
        let text = format!(
            r#"{{"Version":"2012-10-17","Statement":[{{"Sid":"Rule{}","Effect":"{effect}","Action":["{first}","{second}"],"Resource":"{}*"{condition}}}]}}"#,
            self.0,
            self.resources()
        );
        let policy = Policy::parse(&text, Kind::Identity)?;
        Ok(Named::new(format!("arn:aws:iam::111122223333:policy/rule-{}", self.0), policy))
    }

    /// As a Cedar policy.
    pub(crate) fn cedar(self) -> String {
        let [first, second] = self.actions();
        let effect = if self.denies() { "forbid" } else { "permit" };
        let condition = match (self.denies(), self.team()) {
            (true, _) => " && !context.secure".to_owned(),
            (false, Some(team)) => format!(r#" && context has team && context.team == "{team}""#),
            (false, None) => String::new(),
        };
        format!(
            r#"{effect}(principal, action in [Action::"{first}", Action::"{second}"], resource) when {{ context.arn like "{}*"{condition} }};"#,
            self.resources()
        )
    }

    /// Questions that hit every so many of the rules; one in eight asks for something else.
    pub(crate) fn asks(rules: &[Self], count: usize) -> Vec<Ask> {
        (0..count)
            .filter_map(|n| rules.get(n.wrapping_mul(7919) % rules.len()).map(|rule| rule.ask(n)))
            .collect()
    }

    fn ask(self, n: usize) -> Ask {
        let [first, second] = self.actions();
        let action = if n % 2 == 0 { first } else { second };
        let resource = match n % 8 {
            7 => format!("arn:aws:s3:::elsewhere/{n}"),
            _ => format!("{}2026/11/report-{n}.csv", self.resources()),
        };
        Ask { action, resource }
    }
}

/// The condition keys of a request such as the server makes.
pub(crate) fn context() -> Context<'static> {
    let mut context = Context::new();
    for (key, value) in KEYS {
        context.set(key, value);
    }
    context
}

/// The team that [`context`] tells.
pub(crate) const TEAM: &str = "t3";

const KEYS: [(&str, &str); 16] = [
    ("aws:CurrentTime", "2026-11-22T08:30:00Z"),
    ("aws:EpochTime", "1795336200"),
    ("aws:SecureTransport", "true"),
    ("aws:SourceIp", "203.0.113.9"),
    ("aws:RequestedRegion", "us-east-1"),
    ("aws:ViaAWSService", "false"),
    ("aws:UserAgent", "aws-cli/2.31.0"),
    ("aws:PrincipalAccount", "111122223333"),
    ("aws:PrincipalArn", "arn:aws:iam::111122223333:user/ann"),
    ("aws:PrincipalType", "User"),
    ("aws:PrincipalIsAWSService", "false"),
    ("aws:userid", "AIDAUSERUSERUSERUSER1"),
    ("aws:username", "ann"),
    ("aws:PrincipalTag/team", TEAM),
    ("aws:PrincipalTag/cost-center", "4711"),
    ("aws:ResourceAccount", "111122223333"),
];
const SERVICES: [&str; 8] = ["s3", "dynamodb", "sqs", "sns", "lambda", "ecr", "kinesis", "states"];
const ACTIONS: [&str; 9] = [
    "GetObject",
    "PutObject",
    "DeleteItem",
    "SendMessage",
    "Publish",
    "InvokeFunction",
    "DescribeImages",
    "PutRecord",
    "StartExecution",
];
