//! The steps of the gate one by one, for tests that compare what it decides with what others say it would.
#![allow(clippy::indexing_slicing, reason = "a test that meets the unexpected ends there")]

use super::authority::authorize;
use super::{Call, Cx, Gate, Granted, Reply, Serve, admission};
use crate::authenticate::Authenticated;
use crate::decisions::{Asked, Recorded};
use crate::error::Error;
use crate::system::System;
use crate::target::Targets;
use rolecall_policy::{Context, Verdict};
use rolecall_wire::Row;
use rolecall_wire::operation::Decode;
use std::sync::Arc;

/// Somebody who has proved who it is.
pub struct Known(Authenticated);

impl Known {
    /// Admits whoever sends a request, by the proof that the operation demands.
    ///
    /// # Errors
    /// As the gate refuses the request.
    pub async fn admit(gate: &Gate, row: &'static Row, mut call: Call) -> Result<Self, Error> {
        let mut trail = call.trail(gate.system());
        admission::admit(gate.system(), row, &mut call, &mut trail).await.map(Self)
    }

    fn cx<'s>(&self, gate: &'s Gate, row: &'static Row, call: Call) -> Cx<'s> {
        let trail = call.trail(gate.system());
        let Authenticated { caller, verified, region } = &self.0;
        let known =
            Authenticated { caller: caller.clone(), verified: verified.clone(), region: region.clone() };
        Cx::new(gate.system(), row, call, known, &trail)
    }

    /// Whether the first of an operation's targets is allowed, as the gate decides it.
    ///
    /// # Errors
    /// When the operation cannot name its targets.
    pub async fn is_allowed<By, O: Serve<By>>(&self, gate: &Gate, call: Call) -> Result<bool, Error> {
        let mut cx = self.cx(gate, O::ROW, call);
        cx.read_message().await?;
        let input = O::Input::decode(&cx.incoming())?;
        let (targets, _) = O::targets(&cx, &input).await?.split();
        let first = targets.all.into_iter().next();
        Ok(authorize(&mut cx, first.map_or_else(Targets::none, Targets::one)).await.is_ok())
    }

    /// Runs an operation that acts on nothing seen, as if everything were allowed.
    ///
    /// # Errors
    /// As the operation refuses the request.
    pub async fn run<By, O: Serve<By, Seen = ()>>(
        &self,
        gate: &Gate,
        call: Call,
        input: O::Input,
    ) -> Result<Reply<O::Output>, Error> {
        O::run(&mut self.cx(gate, O::ROW, call), input, Granted::new((), Vec::new(), Vec::new())).await
    }
}

/// A decision that was kept: what was asked first, and everything it went by.
pub struct Decided(Arc<Recorded>);

impl Decided {
    /// The decision on the request of an id.
    pub fn find(system: &System, id: &str) -> Option<Self> {
        system.decisions.find(&system.settings.keeping, id, system.clock.now()).map(Self)
    }

    /// `service:Action`.
    pub fn action(&self) -> &'static str {
        self.asked().target.action
    }

    /// The resource's ARN.
    pub fn resource(&self) -> &str {
        &self.asked().target.resource
    }

    /// Every condition key that the request had.
    pub fn context(&self) -> Context<'_> {
        self.0.full_context(self.asked())
    }

    /// The decision made again, with all that led to it.
    ///
    /// # Errors
    /// When it cannot be made.
    pub fn verdict(&self) -> Result<Verdict, Error> {
        self.0.verdict(self.asked())
    }

    /// The decision as it is told.
    ///
    /// # Errors
    /// When it cannot be made again.
    pub fn explanation(&self) -> Result<serde_json::Value, Error> {
        self.0.explanation()
    }

    fn asked(&self) -> &Asked {
        &self.0.asked[0]
    }
}
