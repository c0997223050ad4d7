//! Every sentence AWS refuses a policy with, in one place.

use crate::document::{Invalid, Kind};
use crate::json::Position;

/// What is wrong with a document; which sentence says so depends on what the document is for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Offence {
    /// Not JSON.
    Json,
    /// An element with a name that does not exist.
    UnknownField(String),
    /// A required element is missing.
    MissingField(&'static str),
    /// An element that this kind of policy may not have.
    ProhibitedField(&'static str),
    /// A value of another type than the grammar asks for.
    Syntax,
    /// A version that does not exist.
    UnknownVersion,
    /// An effect that is neither.
    UnknownEffect,
    /// A condition operator that does not exist.
    UnknownOperator,
    /// An element beside its opposite.
    BothElements,
    /// No statement in the list.
    NoStatements,
    /// Not the version that IAM requires.
    Version,
    /// An effect in wrong case.
    EffectCase,
    /// A date that is none.
    NoDate,
    /// An ARN cut short.
    ShortArn,
    /// A `Sid` with other than letters and digits.
    SidCharacters,
    /// The same `Sid` twice.
    SidRepeated,
    /// No action.
    NoActions,
    /// No resource.
    NoResources,
    /// A resource that is not acceptable: the code of the finding and IAM's sentence.
    Resource(&'static str, String),
    /// An action that is not acceptable: the code of the finding and IAM's sentence.
    Action(&'static str, String),
    /// Trust policies hold only the actions that assume roles.
    TrustAction,
    /// An action and resources that do not go together.
    Combination,
    /// A principal in a policy that belongs to one.
    PrincipalForbidden,
    /// An empty principal element.
    NoPrincipals,
    /// A principal that isn't one: kind and value.
    Principal(String, String),
    /// Trust in every tenant of an issuer: the provider, and the keys one of which must tell the tenant.
    SharedIssuer { provider: String, keys: String },
    /// What AWS Organizations does not take.
    Organization,
}

/// An offence with its place.
#[derive(Debug, Clone)]
pub(crate) struct Finding {
    pub(crate) offence: Offence,
    pub(crate) at: Position,
    pub(crate) detail: String,
}

impl Finding {
    pub(crate) fn new(offence: Offence, at: Position, detail: impl Into<String>) -> Self {
        Self { offence, at, detail: detail.into() }
    }

    /// The refusal of a document of that kind.
    pub(crate) fn refuse(self, kind: Kind) -> Invalid {
        let message = match kind {
            Kind::Bucket => bucket(&self.offence),
            Kind::Trust => trust(&self.offence),
            Kind::ServiceControl | Kind::ResourceControl => ORGANIZATION.to_owned(),
            Kind::Identity | Kind::Boundary | Kind::Session => iam(&self.offence),
        };
        Invalid { message, line: self.at.line, column: self.at.column, detail: self.detail }
    }
}

fn iam(offence: &Offence) -> String {
    let sentence = match offence {
        Offence::Version => "Policy document must be version 2012-10-17 or greater.",
        Offence::EffectCase | Offence::NoDate | Offence::ShortArn => "The policy failed legacy parsing",
        Offence::SidCharacters => SID_CHARACTERS,
        Offence::SidRepeated => "Statement IDs (SID) in a single policy must be unique.",
        Offence::NoActions => "Policy statement must contain actions.",
        Offence::NoResources => "Policy statement must contain resources.",
        Offence::PrincipalForbidden => "Policy document should not specify a principal.",
        Offence::Resource(_, sentence) | Offence::Action(_, sentence) => sentence,
        _ => "Syntax errors in policy.",
    };
    sentence.to_owned()
}

fn trust(offence: &Offence) -> String {
    match offence {
        Offence::Json => "This policy contains invalid Json".to_owned(),
        Offence::MissingField(name @ "Principal") => format!("Missing required field {name}"),
        Offence::ProhibitedField(name) => format!("Has prohibited field {name}"),
        Offence::TrustAction => "AssumeRole policy may only specify STS AssumeRole actions.".to_owned(),
        Offence::NoPrincipals => NO_PRINCIPALS.to_owned(),
        Offence::SharedIssuer { provider, keys } => format!(
            "Trust policy with trusted principal {provider} must evaluate, using StringEquals, StringLike or \
             StringEqualsIgnoreCase, {keys} which is not scoped to all."
        ),
        Offence::Principal(kind, value) if kind == "STAR" => {
            format!("AssumeRolepolicy contained an invalid principal: \"STAR\":\"{value}\".")
        }
        Offence::Principal(kind, value) => format!("Invalid principal in policy: \"{kind}\":\"{value}\""),
        other => iam(other),
    }
}

fn bucket(offence: &Offence) -> String {
    match offence {
        Offence::Json => "Policies must be valid JSON and the first byte must be '{'".to_owned(),
        Offence::UnknownField(name) => format!("Unknown field {name}"),
        Offence::MissingField(name) => format!("Missing required field {name}"),
        Offence::NoActions => "Missing required field Action".to_owned(),
        Offence::NoResources => "Missing required field Resource".to_owned(),
        Offence::Action(..) => "Policy has invalid action".to_owned(),
        Offence::Resource(..) => "Policy has invalid resource".to_owned(),
        Offence::Combination => "Action does not apply to any resource(s) in statement".to_owned(),
        Offence::NoPrincipals | Offence::Principal(..) => "Invalid principal in policy".to_owned(),
        _ => "Invalid policy syntax.".to_owned(),
    }
}

const SID_CHARACTERS: &str = "Statement IDs (SID) must be alpha-numeric. \
    Check that your input satisfies the regular expression [0-9A-Za-z]*";
const NO_PRINCIPALS: &str = "Invalid principal in policy: com.amazon.balsa.error.InvalidPolicyException: \
    The passed in policy has a statement with no principals!";
const ORGANIZATION: &str =
    "The provided policy document does not meet the requirements of the specified policy type.";
