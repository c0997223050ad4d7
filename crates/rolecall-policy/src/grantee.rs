//! Principal elements, compiled, and whom they match (spec: IAM User Guide, Principal and
//! NotPrincipal).

use crate::arn::Arn;
use crate::document::Kind;
use crate::principal::{Principal, PrincipalKind};
use crate::syntax::{Who, WhoShape};

/// How closely a principal element names the principal. The order is that of what a match is worth.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Class {
    /// Its account.
    Account,
    /// The user that asked for a federated session.
    UserOfFederated,
    /// The role of a session.
    Role,
    /// Itself, or everybody.
    Direct,
}

/// A compiled `Principal` or `NotPrincipal`.
#[derive(Debug, Clone)]
pub(crate) struct Grantees {
    pub(crate) negated: bool,
    /// In a trust policy callers with a foreign identity are trusted by their provider's name only.
    by_provider: bool,
    entries: Vec<Grantee>,
}

#[derive(Debug, Clone)]
struct Grantee {
    /// `AWS`, `Service`, `Federated` or `CanonicalUser`.
    kind: &'static str,
    value: String,
}

impl Grantees {
    /// Compiles an element; `"*"` is `{"AWS": "*"}`. Kinds that do not exist name nobody.
    pub(crate) fn compile(who: &Who, kind: Kind) -> Self {
        let entries = match &who.shape {
            WhoShape::Bare(value) => vec![Grantee { kind: AWS, value: value.clone() }],
            WhoShape::Kinds(kinds) => kinds.iter().flat_map(|(kind, values)| entries(kind, values)).collect(),
            WhoShape::Other => Vec::new(),
        };
        Self { negated: who.negated, by_provider: kind == Kind::Trust, entries }
    }

    /// Kind and value of every entry.
    pub(crate) fn entries(&self) -> impl Iterator<Item = (&str, &str)> {
        self.entries.iter().map(|entry| (entry.kind, entry.value.as_str()))
    }

    /// What each entry calls a principal: an account is called by its number.
    pub(crate) fn names(&self) -> impl Iterator<Item = &str> {
        self.entries.iter().map(|entry| match Arn::parse(&entry.value) {
            Some(arn) if is_root(&entry.value) => arn.account,
            _ => entry.value.as_str(),
        })
    }

    /// The same element with the `AWS` principals replaced that `bound` knows, and accounts for the
    /// canonical user ids that it knows.
    pub(crate) fn bind(&self, bound: &dyn Fn(&str) -> Option<String>) -> Self {
        let mut copy = self.clone();
        let named = |entry: &&mut Grantee| [AWS, CANONICAL].contains(&entry.kind) && entry.value != "*";
        for entry in copy.entries.iter_mut().filter(named) {
            if let Some(value) = bound(&entry.value) {
                *entry = Grantee { kind: AWS, value };
            }
        }
        copy
    }

    /// How an `Allow` with this element matches the principal, if it does.
    pub(crate) fn allows(&self, principal: &Principal) -> Option<Class> {
        let best = self.entries.iter().filter_map(|entry| entry.class(principal)).max();
        match self.negated {
            false => best.filter(|_| !self.reaches_federated_by_star(principal)),
            true => best.is_none().then_some(Class::Direct),
        }
    }

    /// True when a `Deny` with this element hits the principal. `NotPrincipal` spares only those whom it
    /// lists by every name they have, and nobody who has a permissions boundary.
    pub(crate) fn denies(&self, principal: &Principal, bounded: bool) -> bool {
        if self.negated {
            return bounded || !self.spares(principal);
        }
        self.entries.iter().any(|entry| entry.class(principal).is_some())
    }

    /// True when a foreign identity would be trusted by `*`, which it never is.
    fn reaches_federated_by_star(&self, principal: &Principal) -> bool {
        let foreign = self.by_provider && matches!(principal.kind, PrincipalKind::Federated { .. });
        foreign
            && !self.entries.iter().any(|entry| entry.kind == FEDERATED && entry.class(principal).is_some())
    }

    fn spares(&self, principal: &Principal) -> bool {
        if self.entries.iter().any(Grantee::is_everybody) {
            return true;
        }
        let listed = |class| self.entries.iter().any(|entry| entry.class(principal) == Some(class));
        match principal.kind {
            PrincipalKind::Anonymous => false,
            PrincipalKind::Root => listed(Class::Account),
            PrincipalKind::User { .. } => listed(Class::Direct) && listed(Class::Account),
            PrincipalKind::RoleSession { .. } => {
                listed(Class::Direct) && listed(Class::Role) && listed(Class::Account)
            }
            PrincipalKind::FederatedUser { ref user_arn, .. } => {
                let parent = is_root(user_arn) || listed(Class::UserOfFederated);
                listed(Class::Direct) && parent && listed(Class::Account)
            }
            PrincipalKind::Federated { .. } | PrincipalKind::Service { .. } => listed(Class::Direct),
        }
    }
}

fn entries(kind: &str, values: &[crate::syntax::Text]) -> Vec<Grantee> {
    let kind = [AWS, SERVICE, FEDERATED, CANONICAL].into_iter().find(|known| *known == kind);
    let entry = |kind| values.iter().map(|text| Grantee { kind, value: text.value.clone() }).collect();
    kind.map(entry).unwrap_or_default()
}

impl Grantee {
    fn is_everybody(&self) -> bool {
        self.kind == AWS && self.value == "*"
    }

    fn class(&self, principal: &Principal) -> Option<Class> {
        if self.is_everybody() {
            return Some(Class::Direct);
        }
        match (self.kind, &principal.kind) {
            (SERVICE, PrincipalKind::Service { name }) => (self.value == *name).then_some(Class::Direct),
            (FEDERATED, PrincipalKind::Federated { provider }) => {
                (self.value == *provider).then_some(Class::Direct)
            }
            (AWS, kind) => self.aws(kind, principal),
            _ => None,
        }
    }

    fn aws(&self, kind: &PrincipalKind, principal: &Principal) -> Option<Class> {
        let is = |name: &String| !name.is_empty() && self.value == *name;
        match kind {
            PrincipalKind::Anonymous | PrincipalKind::Federated { .. } | PrincipalKind::Service { .. } => {
                None
            }
            PrincipalKind::User { id } if is(id) || is(&principal.arn) => Some(Class::Direct),
            PrincipalKind::RoleSession { .. } | PrincipalKind::FederatedUser { .. } if is(&principal.arn) => {
                Some(Class::Direct)
            }
            PrincipalKind::RoleSession { role_arn, role_id } if is(role_arn) || is(role_id) => {
                Some(Class::Role)
            }
            PrincipalKind::FederatedUser { user_arn, user_id }
                if !is_root(user_arn) && (is(user_arn) || is(user_id)) =>
            {
                Some(Class::UserOfFederated)
            }
            _ => self.is_account_of(principal).then_some(Class::Account),
        }
    }

    /// True for the principal's account by its number or by its root's ARN. Partitions share no accounts: an ARN
    /// of another one names somebody else, whatever the number.
    fn is_account_of(&self, principal: &Principal) -> bool {
        let account = principal.account.as_str();
        let of_root = || {
            let named = Arn::parse(&self.value).filter(|arn| arn.account == account && is_root(&self.value));
            named.is_some_and(|arn| principal.partition() == Some(arn.partition))
        };
        !account.is_empty() && (self.value == account || of_root())
    }
}

fn is_root(arn: &str) -> bool {
    Arn::parse(arn).is_some_and(|arn| arn.service == "iam" && arn.resource == "root")
}

const AWS: &str = "AWS";
const SERVICE: &str = "Service";
const FEDERATED: &str = "Federated";
const CANONICAL: &str = "CanonicalUser";
