//! Work that outlives whoever waits for it: a client that hangs up does not cut it off between an effect and
//! its record, and a panic costs its own request only.

use rolecall_core::{Answer, Background, Error, Task};
use std::any::Any;
use std::future::Future;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::Pin;
use std::task::{Context, Poll};

type Work = Pin<Box<dyn Future<Output = Answer> + Send>>;

/// Work that goes on in a task of its own when it is dropped unfinished.
pub(super) struct Survivor<'a> {
    work: Option<Work>,
    background: &'a Background,
}

impl<'a> Survivor<'a> {
    pub(super) fn new(
        background: &'a Background,
        work: impl Future<Output = Answer> + Send + 'static,
    ) -> Self {
        Self { work: Some(Box::pin(work)), background }
    }
}

impl Future for Survivor<'_> {
    type Output = Result<Answer, Error>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let Some(work) = &mut self.work else {
            return Poll::Ready(Err(Error::internal("polled after its end")));
        };
        // Nothing that the work holds is looked at again after a panic: it is dropped.
        let polled = catch_unwind(AssertUnwindSafe(|| work.as_mut().poll(cx)));
        let outcome = match polled {
            Ok(Poll::Pending) => return Poll::Pending,
            Ok(Poll::Ready(answer)) => Ok(answer),
            Err(panic) => Err(Error::internal(format!("a handler panicked: {}", message(&*panic)))),
        };
        self.work = None;
        Poll::Ready(outcome)
    }
}

impl Drop for Survivor<'_> {
    fn drop(&mut self) {
        if let Some(work) = self.work.take() {
            self.background.start(Task::HungUp, work);
        }
    }
}

fn message(panic: &(dyn Any + Send)) -> &str {
    panic
        .downcast_ref::<&str>()
        .copied()
        .or_else(|| panic.downcast_ref::<String>().map(String::as_str))
        .unwrap_or("?")
}

#[cfg(test)]
mod tests {
    use super::*;
    use http::HeaderMap;
    use rolecall_core::body::AnswerBody;
    use std::time::Duration;
    use tokio::sync::oneshot;

    fn answer() -> Answer {
        Answer { status: 200, headers: HeaderMap::new(), body: AnswerBody::Empty }
    }

    #[tokio::test]
    async fn dos_10_a_panic_is_an_error_and_not_the_end() {
        let background = Background::default();
        let failed = Survivor::new(&background, async { panic!("on purpose") }).await;
        assert!(failed.is_err_and(|e| e.to_string().contains("on purpose")));
        assert!(Survivor::new(&background, async { answer() }).await.is_ok());
    }

    #[tokio::test]
    async fn dropped_work_is_done_all_the_same() {
        let (tell, mut told) = oneshot::channel();
        let background = Background::default();
        let mut work = Box::pin(Survivor::new(&background, async move {
            tokio::time::sleep(Duration::from_millis(5)).await;
            let _ = tell.send(());
            answer()
        }));
        let pending = std::future::poll_fn(|cx| Poll::Ready(work.as_mut().poll(cx).is_pending())).await;
        assert!(pending);
        drop(work);
        assert!(background.stop(Duration::from_secs(5)).await);
        told.try_recv().unwrap();
    }
}
