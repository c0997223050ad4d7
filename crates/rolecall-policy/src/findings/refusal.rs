//! What a document is refused for, as findings: the first offence by AWS's own sentence, and that of every
//! other statement.

use super::Report;
use crate::json;
use crate::sentence::{self, Offence};
use crate::syntax::{self, Draft};
use crate::validate::validate;

/// The draft, if the text has the shape of a policy.
pub(super) fn read(text: &str, report: &mut Report) -> Option<Draft> {
    let node = match json::parse(text) {
        Ok(node) => node,
        Err(fault) => {
            refuse(sentence::Finding::new(Offence::Json, fault.at, fault.detail), report);
            return None;
        }
    };
    let draft = syntax::read(&node).map_err(|finding| refuse(finding, report)).ok()?;
    Some(validated(draft, report))
}

fn validated(mut draft: Draft, report: &mut Report) -> Draft {
    validate(&draft, report.kind).unwrap_or_else(|finding| refuse(finding, report));
    let clauses = std::mem::take(&mut draft.clauses);
    let mut seen = Vec::with_capacity(clauses.len());
    for clause in clauses {
        draft.clauses = vec![clause];
        validate(&draft, report.kind).unwrap_or_else(|finding| refuse(finding, report));
        seen.append(&mut draft.clauses);
    }
    Draft { clauses: seen, ..draft }
}

fn refuse(finding: sentence::Finding, report: &mut Report) {
    let (code, at) = (code(&finding.offence), finding.at);
    let invalid = finding.refuse(report.kind);
    report.error(code, at, format!("{} ({})", invalid.message, invalid.detail));
}

fn code(offence: &Offence) -> &'static str {
    match offence {
        Offence::Json => "JSON_SYNTAX_ERROR",
        Offence::UnknownField(_) => "INVALID_POLICY_ELEMENT",
        Offence::MissingField("Statement") | Offence::NoStatements => "MISSING_STATEMENT",
        Offence::MissingField("Effect") => "MISSING_EFFECT",
        Offence::MissingField(_) | Offence::NoPrincipals => "MISSING_PRINCIPAL",
        Offence::ProhibitedField(_) => "UNSUPPORTED_ELEMENT",
        Offence::Syntax => "DATA_TYPE_MISMATCH",
        Offence::UnknownVersion => "INVALID_VERSION",
        Offence::UnknownEffect | Offence::EffectCase => "INVALID_EFFECT",
        Offence::UnknownOperator => "INVALID_CONDITION_OPERATOR",
        Offence::BothElements => "UNSUPPORTED_ELEMENT_COMBINATION",
        Offence::Version => "MISSING_VERSION",
        Offence::NoDate => "TYPE_MISMATCH_DATE",
        Offence::ShortArn => "MISSING_ARN_FIELD",
        Offence::SidCharacters => "UNSUPPORTED_SID",
        Offence::SidRepeated => "UNIQUE_SIDS_REQUIRED",
        Offence::NoActions => "MISSING_ACTION",
        Offence::NoResources => "MISSING_RESOURCE",
        Offence::Resource(code, _) | Offence::Action(code, _) => code,
        Offence::TrustAction => "UNSUPPORTED_ACTION_IN_POLICY",
        Offence::Combination => "ACTION_NEVER_APPLIES",
        Offence::PrincipalForbidden => "UNSUPPORTED_PRINCIPAL",
        Offence::Principal(..) => "INVALID_PRINCIPAL_FORMAT",
        Offence::Organization => "UNSUPPORTED_WILDCARD_IN_PRINCIPAL",
        Offence::SharedIssuer { .. } => "MISSING_IDENTITY_PROVIDER_CONTROL",
    }
}
