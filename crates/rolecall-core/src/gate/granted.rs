//! Permission as a value: what was looked at to decide, with the outcome. Only the gate makes one, and an
//! operation cannot run without; its changes are committed against what was seen.

use super::cx::Cx;
use crate::error::Error;
use rolecall_store::Txn;
use std::sync::Arc;

/// Permission to run an operation on what was seen when it was decided.
///
/// Nobody but the gate can make one, so nobody else can run an operation:
///
/// ```compile_fail
/// use rolecall_core::gate::Granted;
/// let granted: Granted<()> = Granted::new((), Vec::new(), Vec::new());
/// ```
///
/// ```compile_fail
/// use rolecall_core::gate::Granted;
/// let granted: Granted<()> = Granted { seen: (), each: Vec::new(), aside: Vec::new() };
/// ```
///
/// What one is given can be read and spent:
///
/// ```
/// use rolecall_core::gate::Granted;
/// fn spend(granted: Granted<String>) -> String {
///     granted.into_seen()
/// }
/// ```
#[derive(Debug)]
pub struct Granted<Seen> {
    seen: Seen,
    each: Vec<Result<(), Error>>,
    aside: Vec<bool>,
}

/// Something seen while permission was decided, that a commit can be made to depend on.
pub trait Depend {
    /// Lets the transaction commit only while what was seen is as it was seen.
    fn depend(&self, txn: &mut Txn<'_>);
}

impl<Seen> Granted<Seen> {
    /// Made by the gate alone, once everything asked for is allowed.
    pub(super) fn new(seen: Seen, each: Vec<Result<(), Error>>, aside: Vec<bool>) -> Self {
        Self { seen, each, aside }
    }

    /// What permission was decided on.
    pub fn seen(&self) -> &Seen {
        &self.seen
    }

    /// The same, to keep.
    pub fn into_seen(self) -> Seen {
        self.seen
    }

    /// The outcomes of [`crate::target::Targets::each`], in order: a refusal says why.
    pub fn each(&mut self) -> Vec<Result<(), Error>> {
        std::mem::take(&mut self.each)
    }

    /// Whether each of [`crate::target::Targets::aside`] is allowed, in order.
    pub fn aside(&self) -> &[bool] {
        &self.aside
    }
}

impl<Seen: Depend> Granted<Seen> {
    /// Starts the transaction of an operation: it commits only while what permission was decided on is still so.
    /// When it is not, or another change won, the gate decides the request again, from the start.
    pub fn begin<'s>(&self, cx: &Cx<'s>) -> Txn<'s> {
        let mut txn = cx.system.store.begin();
        self.seen.depend(&mut txn);
        txn
    }
}

impl Depend for () {
    fn depend(&self, _: &mut Txn<'_>) {}
}

impl<A: Depend, B: Depend> Depend for (A, B) {
    fn depend(&self, txn: &mut Txn<'_>) {
        self.0.depend(txn);
        self.1.depend(txn);
    }
}

impl<T: Depend> Depend for Option<T> {
    fn depend(&self, txn: &mut Txn<'_>) {
        self.iter().for_each(|seen| seen.depend(txn));
    }
}

impl<T: Depend> Depend for Vec<T> {
    fn depend(&self, txn: &mut Txn<'_>) {
        self.iter().for_each(|seen| seen.depend(txn));
    }
}

impl<T: Depend> Depend for Arc<T> {
    fn depend(&self, txn: &mut Txn<'_>) {
        (**self).depend(txn);
    }
}
