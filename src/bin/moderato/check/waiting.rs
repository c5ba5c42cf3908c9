//! The questions of a stream that wait for their answers.

use std::future::Future;
use std::pin::pin;

use tokio::sync::mpsc::Receiver;

use super::asked::Asked;
use super::patience::{Late, Patience};

/// What was asked and not answered yet, in order.
pub struct Waiting {
    first: Option<Asked>,
    rest: Receiver<Asked>,
    patience: Patience,
}

impl Waiting {
    /// The questions that come from `rest`, each waited for with `patience`.
    pub const fn new(rest: Receiver<Asked>, patience: Patience) -> Self {
        Self {
            first: None,
            rest,
            patience,
        }
    }

    /// The question whose turn it is; `None` where no more are to come.
    pub async fn next(&mut self) -> Option<Asked> {
        match self.first.take() {
            Some(first) => Some(first),
            None => self.rest.recv().await,
        }
    }

    /// Waits for `answer`: as long as it takes while nothing is asked, since a
    /// person may be typing; from then on with patience.
    pub async fn answer<T>(&mut self, answer: impl Future<Output = T>) -> Result<T, Late> {
        let mut answer = pin!(answer);
        if self.first.is_none() {
            tokio::select! {
                answer = &mut answer => return Ok(answer),
                first = self.rest.recv() => self.first = first,
            }
        }
        self.patience.for_answer(answer).await
    }
}

#[cfg(test)]
mod tests {
    use std::future::{pending, ready};
    use std::time::Duration;

    use futures::FutureExt as _;
    use moderato::comment::Submission;
    use tokio::sync::mpsc;

    use super::*;

    const NONE: Patience = Patience {
        call: Duration::ZERO,
        answer: Duration::ZERO,
    };

    #[tokio::test]
    async fn only_an_answer_that_was_asked_for_can_be_late() {
        let (ask, asked) = mpsc::channel(1);
        let mut waiting = Waiting::new(asked, NONE);
        let nothing_asked = waiting.answer(pending::<()>()).now_or_never();
        assert!(nothing_asked.is_none(), "it waits");
        let question = Asked::of(&Submission::default(), Some(7));
        ask.send(question).await.ok().unwrap();
        assert!(waiting.answer(pending::<()>()).await.is_err());
        assert!(waiting.answer(ready(())).await.is_ok());
        assert_eq!(waiting.next().await.unwrap().line, Some(7));
    }
}
