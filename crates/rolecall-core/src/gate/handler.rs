//! An operation and the code that serves it.

use super::authority::authorize;
use super::call::Answer;
use super::cx::Cx;
use super::granted::Granted;
use super::{admission, render};
use crate::body::AnswerBody;
use crate::error::Error;
use crate::id::AccountId;
use crate::target::Targets;
use futures_util::future::{BoxFuture, FutureExt};
use http::HeaderMap;
use rolecall_federation::Assertion;
use rolecall_wire::Row;
use rolecall_wire::operation::{Decode, Operation};
use std::future::Future;

/// An operation that is served: what it needs permission for, and what it does.
pub trait Serve: Operation {
    /// What it looks at to know what it needs permission for. The same is acted on, and its changes are
    /// committed against it ([`Granted::begin`]).
    type Seen: Send;

    /// The word of a provider or service that stands for a signature, once it is verified, and the account of the
    /// role that is asked for. Only operations whose row says so have one.
    fn vouched(
        _: &Cx<'_>,
        _: &Self::Input,
    ) -> impl Future<Output = Result<Option<(AccountId, Assertion)>, Error>> + Send {
        std::future::ready(Ok(None))
    }

    /// What the caller must be allowed to do. Checks of the request that AWS makes before looking at
    /// permissions belong here, too. It reads and changes nothing: the gate may ask again.
    fn targets(
        cx: &Cx<'_>,
        input: &Self::Input,
    ) -> impl Future<Output = Result<Targets<Self::Seen>, Error>> + Send;

    /// Does it. Called only when everything in `targets` is allowed. A transaction that loses against another
    /// change ([`Error::Conflict`]) leaves no effect; then the gate decides again and runs it again.
    fn run(
        cx: &mut Cx<'_>,
        input: Self::Input,
        granted: Granted<Self::Seen>,
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

/// The only place that runs an operation. Whoever lost against another change is decided again, on what
/// there is now; a body that has been read cannot be read again.
async fn perform<O: Serve>(cx: &mut Cx<'_>) -> Result<Answer, Error> {
    cx.read_message().await?;
    let input = O::Input::decode(&cx.incoming())?;
    admission::vouch::<O>(cx, &input).await?;
    let mut attempt = attempt::<O>(cx, input).await;
    let mut lost = 0;
    while matches!(attempt, Err(Error::Conflict)) && lost < RETRIES && !cx.row.streams_in {
        lost += 1;
        tokio::task::yield_now().await;
        let input = O::Input::decode(&cx.incoming())?;
        attempt = self::attempt::<O>(cx, input).await;
    }
    Ok(render::success(cx, attempt?))
}

async fn attempt<O: Serve>(cx: &mut Cx<'_>, input: O::Input) -> Result<Reply<O::Output>, Error> {
    let targets = O::targets(cx, &input).await?;
    let granted = authorize(cx, targets).await?;
    O::run(cx, input, granted).await
}

/// Times a request may be decided again. Each lost attempt is another one's change.
const RETRIES: usize = 100;
