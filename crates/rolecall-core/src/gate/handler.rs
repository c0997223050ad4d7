//! An operation and the code that serves it.

use super::authority::authorize;
use super::call::Answer;
use super::cx::Cx;
use super::render;
use crate::body::AnswerBody;
use crate::error::Error;
use crate::target::Targets;
use futures_util::future::{BoxFuture, FutureExt};
use http::HeaderMap;
use rolecall_wire::Row;
use rolecall_wire::operation::{Decode, Operation};
use std::future::Future;

/// An operation that is served: what it needs permission for, and what it does.
pub trait Serve: Operation {
    /// What the caller must be allowed to do. Checks of the request that AWS makes before looking at
    /// permissions belong here, too.
    fn targets(cx: &Cx<'_>, input: &Self::Input) -> impl Future<Output = Result<Targets, Error>> + Send;

    /// Does it. Called only when everything in `targets` is allowed.
    fn run(
        cx: &mut Cx<'_>,
        input: Self::Input,
    ) -> impl Future<Output = Result<Reply<Self::Output>, Error>> + Send;
}

/// What an operation answers.
#[derive(Debug)]
pub struct Reply<O> {
    /// The answer's members.
    pub output: O,
    /// The streamed body of an operation that has one.
    pub body: AnswerBody,
    /// A status other than the model's, such as 206 or 304.
    pub status: Option<u16>,
    /// Headers that the model does not know.
    pub headers: HeaderMap,
}

impl<O> From<O> for Reply<O> {
    fn from(output: O) -> Self {
        Self { output, body: AnswerBody::Empty, status: None, headers: HeaderMap::new() }
    }
}

/// A served operation, without its types.
pub struct Handler {
    /// Its row in the table.
    pub row: &'static Row,
    serve: for<'c, 's> fn(&'c mut Cx<'s>) -> BoxFuture<'c, Result<Answer, Error>>,
}

impl Handler {
    /// The handler of an operation.
    pub const fn of<O: Serve>() -> Self {
        Self { row: O::ROW, serve: serve::<O> }
    }

    pub(super) fn serve<'c>(&self, cx: &'c mut Cx<'_>) -> BoxFuture<'c, Result<Answer, Error>> {
        (self.serve)(cx)
    }
}

fn serve<'c, O: Serve>(cx: &'c mut Cx<'_>) -> BoxFuture<'c, Result<Answer, Error>> {
    perform::<O>(cx).boxed()
}

/// The only place that runs an operation.
async fn perform<O: Serve>(cx: &mut Cx<'_>) -> Result<Answer, Error> {
    cx.read_message().await?;
    let input = O::Input::decode(&cx.incoming())?;
    let targets = O::targets(cx, &input).await?;
    authorize(cx, targets).await?;
    let reply = O::run(cx, input).await?;
    Ok(render::success(cx, reply))
}
