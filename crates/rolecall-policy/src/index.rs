//! Many policies of one layer, indexed: a decision looks only at the statements that can apply.
//!
//! A statement is filed under the principals, actions and accounts it names and the literal text that its
//! resources start with; under the literal text that its actions start with, when any resource will do.
//! What is found is a superset of what applies, and each statement found is asked as if there were no index.

use std::borrow::Cow;
use std::hash::{BuildHasher, Hash};
use std::ops::Range;

use rustc_hash::{FxBuildHasher, FxHashMap};
use smallvec::SmallVec;

use crate::action::Scope;
use crate::decide::Named;
use crate::grantee::Grantees;
use crate::principal::{Principal, PrincipalKind};
use crate::question::Question;
use crate::statement::{Matcher, Statement};

/// Policies of one layer, or of one level of it, indexed. Worth building for more than some twenty policies
/// that are asked again and again; for few, a slice of [`Named`] is as quick.
#[derive(Debug)]
pub struct PolicySet<'a> {
    policies: Vec<Named<'a>>,
    /// Policy and place in it.
    statements: Vec<(usize, usize)>,
    by_resource: Prefixes,
    by_action: Prefixes,
    names_principals: bool,
    names_accounts: bool,
}

impl<'a> PolicySet<'a> {
    /// Indexes policies.
    pub fn new(policies: Vec<Named<'a>>) -> Self {
        let places = policies.iter().enumerate();
        let places =
            places.flat_map(|(at, named)| (0..named.policy.statements().len()).map(move |n| (at, n)));
        let mut set = Self {
            statements: places.collect(),
            policies,
            by_resource: Prefixes::default(),
            by_action: Prefixes::default(),
            names_principals: false,
            names_accounts: false,
        };
        set.index();
        set
    }

    /// The policies, in the order given.
    pub fn policies(&self) -> &[Named<'a>] {
        &self.policies
    }

    fn index(&mut self) {
        let (mut resources, mut actions, mut names) = (Vec::new(), Vec::new(), (false, false));
        for at in 0..self.statements.len() {
            let Some(statement) = self.statement(at) else { continue };
            let filing = Filing::of(statement);
            filing.file(at, &mut resources, &mut actions);
            names.0 |= filing.names_principals();
            names.1 |= filing.names_accounts();
        }
        let found = (Prefixes::new(resources), Prefixes::new(actions));
        (self.by_resource, self.by_action) = found;
        (self.names_principals, self.names_accounts) = names;
    }

    fn statement(&self, at: usize) -> Option<&Statement> {
        let (policy, place) = self.statements.get(at)?;
        self.policies.get(*policy)?.policy.statements().get(*place)
    }

    /// Every statement that may apply; some perhaps more than once.
    pub(crate) fn candidates(&self, question: &Question<'_>) -> impl Iterator<Item = &Statement> {
        let action = question.action;
        let resource = question.resource;
        let principals = self.principals(question.principal).into_iter();
        let actions = [ANY, hash(action.service), hash((action.service, action.name))];
        let accounts = resource.map(|arn| [ANY, hash(arn.account())]).unwrap_or_default();
        let asked = if self.names_accounts { accounts.len() } else { 1 };
        let found = principals.flat_map(move |who| {
            let by_action = self.by_action.starting(who, action.whole);
            let keys = accounts
                .into_iter()
                .take(asked)
                .flat_map(move |account| actions.map(|a| key(who, a, account)));
            let by_resource = resource.into_iter().flat_map(move |arn| {
                keys.clone().flat_map(move |key| self.by_resource.starting(key, arn.resource))
            });
            by_action.chain(by_resource)
        });
        found.filter_map(|at| self.statement(at))
    }

    /// Every name by which a statement may call the principal.
    fn principals(&self, principal: &Principal) -> SmallVec<[u64; 6]> {
        let mut keys = SmallVec::from_slice(&[ANY]);
        if !self.names_principals {
            return keys;
        }
        let names: [&str; 2] = match &principal.kind {
            PrincipalKind::Anonymous | PrincipalKind::Root => ["", ""],
            PrincipalKind::User { id } => [id, ""],
            PrincipalKind::RoleSession { role_arn, role_id } => [role_arn, role_id],
            PrincipalKind::FederatedUser { user_arn, user_id } => [user_arn, user_id],
            PrincipalKind::Federated { provider } => [provider, ""],
            PrincipalKind::Service { name } => [name, ""],
        };
        let all = names.into_iter().chain([principal.arn.as_str(), principal.account.as_str()]);
        keys.extend(all.filter(|name| !name.is_empty()).map(hash));
        keys
    }
}

/// Under what a statement is filed.
struct Filing<'s> {
    principals: Vec<u64>,
    actions: Vec<ActionKey<'s>>,
    /// Account and literal text; `None` when any resource will do.
    resources: Option<Vec<(u64, &'s str)>>,
}

#[derive(Clone, Copy, PartialEq)]
enum ActionKey<'s> {
    Any,
    Service(&'s str, &'s str),
    Exact(&'s str, &'s str),
}

type Filed<'s> = (u64, Cow<'s, str>, usize);

impl<'s> Filing<'s> {
    fn of(statement: &'s Statement) -> Self {
        Self {
            principals: principals(statement.grantees.as_ref()),
            actions: actions(statement),
            resources: resources(statement),
        }
    }

    fn file(&self, at: usize, by_resource: &mut Vec<Filed<'s>>, by_action: &mut Vec<Filed<'s>>) {
        let texts = self.resources.as_ref().map_or(self.actions.len(), Vec::len).max(1);
        let principals =
            if self.principals.len() * texts > MOST { &[ANY] } else { self.principals.as_slice() };
        let Some(resources) = &self.resources else {
            for who in principals {
                by_action.extend(self.actions.iter().map(|action| (*who, action.text(), at)));
            }
            return;
        };
        let actions = few(&self.actions, (MOST / (principals.len() * texts).max(1)).max(1));
        for who in principals {
            for action in &actions {
                let key = |account| key(*who, *action, account);
                by_resource.extend(
                    resources.iter().map(|(account, text)| (key(*account), Cow::Borrowed(*text), at)),
                );
            }
        }
    }

    fn names_principals(&self) -> bool {
        self.principals.iter().any(|who| *who != ANY)
    }

    fn names_accounts(&self) -> bool {
        self.resources.iter().flatten().any(|(account, _)| *account != ANY)
    }
}

/// The keys of actions; those of their services when there are too many, or that of any action.
fn few(actions: &[ActionKey<'_>], room: usize) -> Vec<u64> {
    let exact = distinct(actions.iter().map(ActionKey::key));
    if exact.len() <= room {
        return exact;
    }
    let services = distinct(actions.iter().map(ActionKey::service));
    if services.len() <= room { services } else { vec![ANY] }
}

/// The keys, each once; nothing else beside that of anything.
fn distinct(keys: impl Iterator<Item = u64>) -> Vec<u64> {
    let mut keys: Vec<u64> = keys.collect();
    keys.sort_unstable();
    keys.dedup();
    if keys.contains(&ANY) { vec![ANY] } else { keys }
}

impl<'s> ActionKey<'s> {
    fn key(&self) -> u64 {
        match self {
            Self::Exact(service, name) => hash((*service, *name)),
            other => other.service(),
        }
    }

    fn service(&self) -> u64 {
        match self {
            Self::Any => ANY,
            Self::Service(service, _) | Self::Exact(service, _) => hash(*service),
        }
    }

    /// What all its actions start with.
    fn text(self) -> Cow<'s, str> {
        match self {
            Self::Any => Cow::Borrowed(""),
            Self::Service(service, name) | Self::Exact(service, name) => {
                Cow::Owned(format!("{service}:{name}"))
            }
        }
    }
}

fn principals(grantees: Option<&Grantees>) -> Vec<u64> {
    let Some(grantees) = grantees.filter(|grantees| !grantees.negated) else { return vec![ANY] };
    distinct(grantees.names().map(|name| if name == "*" { ANY } else { hash(name) }))
}

fn actions(statement: &Statement) -> Vec<ActionKey<'_>> {
    let list = &statement.actions;
    if list.negated || list.entries.iter().any(|entry| matches!(entry.scope, Scope::Everything)) {
        return vec![ActionKey::Any];
    }
    let named = list.entries.iter().filter_map(|entry| match &entry.scope {
        Scope::Service(service, name) => Some(match name.exact() {
            Some(name) => ActionKey::Exact(service, name),
            None => ActionKey::Service(service, name.prefix()),
        }),
        Scope::Everything | Scope::Nothing => None,
    });
    named.collect()
}

/// `None` when any resource will do.
fn resources(statement: &Statement) -> Option<Vec<(u64, &str)>> {
    let list = statement.resources.as_ref().filter(|list| !list.negated)?;
    let mut named = Vec::with_capacity(list.entries.len());
    for entry in &list.entries {
        match &entry.pattern {
            Matcher::Everything => return None,
            Matcher::Nothing => {}
            Matcher::Arn(arn) => match (arn.account(), arn.resource.prefix()) {
                (None | Some(""), "") => return None,
                (None | Some(""), text) => named.push((ANY, text)),
                (Some(account), text) => named.push((hash(account), text)),
            },
        }
    }
    Some(named)
}

/// Texts filed under keys, to be found by all that starts with them.
#[derive(Debug, Default)]
struct Prefixes {
    pool: String,
    /// Key by key, and in the order of their texts.
    entries: Vec<Entry>,
    /// The beginning of each entry's text, after what all of its key have in common. Nearly every step of a
    /// search looks here only, which is small enough to stay in the processor's caches.
    heads: Vec<u64>,
    keys: FxHashMap<u64, Bucket>,
}

#[derive(Debug)]
struct Entry {
    text: Range<usize>,
    /// The last one before it, of the same key, that it starts with.
    parent: Option<usize>,
    statement: usize,
}

/// The entries of one key.
#[derive(Debug)]
struct Bucket {
    entries: Range<usize>,
    /// How many bytes all their texts have in common.
    common: usize,
}

impl Prefixes {
    fn new(mut filed: Vec<Filed<'_>>) -> Self {
        filed.sort_unstable();
        let mut all = Self::default();
        all.entries.reserve_exact(filed.len());
        all.heads.reserve_exact(filed.len());
        for bucket in filed.chunk_by(|(a, ..), (b, ..)| a == b) {
            all.add(bucket);
        }
        all.keys.shrink_to_fit();
        all.pool.shrink_to_fit();
        all
    }

    /// Adds the entries of one key, in their order.
    fn add(&mut self, filed: &[Filed<'_>]) {
        let (Some((key, first, _)), Some((_, last, _))) = (filed.first(), filed.last()) else { return };
        let (common, start) = (shared(first, last), self.entries.len());
        let mut open: Vec<usize> = Vec::new();
        for (_, text, statement) in filed {
            while open.pop_if(|above| !text.starts_with(self.text(*above))).is_some() {}
            let parent = open.last().copied();
            open.push(self.entries.len());
            let from = self.pool.len();
            self.pool.push_str(text);
            self.entries.push(Entry { text: from..self.pool.len(), parent, statement: *statement });
            self.heads.push(head(text, common));
        }
        self.keys.insert(*key, Bucket { entries: start..self.entries.len(), common });
    }

    /// The statements filed under the key with a text that this one starts with.
    fn starting<'p>(&'p self, key: u64, text: &str) -> impl Iterator<Item = usize> + use<'p> {
        let nearest = self.keys.get(&key).and_then(|bucket| self.nearest(bucket, text));
        let shared = nearest.map_or(0, |at| shared(self.text(at), text));
        let entries = std::iter::successors(nearest, |at| self.entries.get(*at)?.parent);
        let entries = entries.filter_map(|at| self.entries.get(at));
        entries.filter(move |entry| entry.text.len() <= shared).map(|entry| entry.statement)
    }

    /// The last entry that is not after the text. Whatever the text starts with is that or above it.
    fn nearest(&self, bucket: &Bucket, text: &str) -> Option<usize> {
        let wanted = head(text, bucket.common);
        let heads = self.heads.get(bucket.entries.clone())?;
        let low = heads.partition_point(|head| *head < wanted);
        let same = heads.get(low..)?.partition_point(|head| *head == wanted);
        let entries = self.entries.get(bucket.entries.clone())?.get(low..low + same)?;
        let before = low + entries.partition_point(|entry| self.part(&entry.text) <= text);
        Some(bucket.entries.start + before.checked_sub(1)?)
    }

    fn text(&self, at: usize) -> &str {
        self.entries.get(at).map_or("", |entry| self.part(&entry.text))
    }

    fn part(&self, range: &Range<usize>) -> &str {
        self.pool.get(range.clone()).unwrap_or_default()
    }
}

/// Eight bytes of a text as a number: in the order of the texts.
fn head(text: &str, from: usize) -> u64 {
    let bytes = text.as_bytes().get(from..).unwrap_or_default();
    let mut head = [0; 8];
    head.iter_mut().zip(bytes).for_each(|(to, byte)| *to = *byte);
    u64::from_be_bytes(head)
}

/// How many bytes two texts have in common at their beginning.
fn shared(a: &str, b: &str) -> usize {
    a.bytes().zip(b.bytes()).take_while(|(a, b)| a == b).count()
}

fn key(who: u64, action: u64, account: u64) -> u64 {
    hash((who, action, account))
}

/// Equal hashes of different names only bring statements that do not apply.
fn hash(value: impl Hash) -> u64 {
    FxBuildHasher.hash_one(value)
}

/// The key of what is not named.
const ANY: u64 = 0;
/// Under how many keys a statement is filed at most, beside one for each of its resources.
const MOST: usize = 512;

#[cfg(test)]
mod tests;
