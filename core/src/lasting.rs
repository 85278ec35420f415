//! What lasts longer than one connection or one process: the wish of a client's owner, and the handle that carries it
//! to the task that supervises. It starts and ends nothing itself.

use tokio::sync::watch;

/// What the owner of a client wants.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Wish {
    /// The client is being made: a loss is its end.
    Starting,
    Running,
    Close,
    Cut,
}

/// A handle on something that is supervised. It does not own it; the supervising task does.
pub(crate) struct Lasting {
    wish: watch::Sender<Wish>,
    ended: watch::Receiver<bool>,
}

/// The supervising task's end of it.
pub(crate) struct Wishes(watch::Receiver<Wish>);

/// To be told when the supervising task has ended.
pub(crate) struct HasEnded(watch::Sender<bool>);

/// A handle and the two ends of the task.
pub(crate) fn lasting() -> (Lasting, Wishes, HasEnded) {
    let (wish, wished) = watch::channel(Wish::Starting);
    let (has_ended, ended) = watch::channel(false);
    (Lasting { wish, ended }, Wishes(wished), HasEnded(has_ended))
}

impl Lasting {
    /// The client is made; from now on a loss is made good.
    pub(crate) fn started(&self) {
        self.set(Wish::Running);
    }

    /// To be ended in good order.
    pub(crate) fn close(&self) {
        self.set(Wish::Close);
    }

    /// To be ended at once.
    pub(crate) fn cut(&self) {
        self.wish.send_replace(Wish::Cut);
    }

    fn set(&self, wanted: Wish) {
        self.wish.send_if_modified(|wish| {
            let change = !matches!(*wish, Wish::Close | Wish::Cut) && *wish != wanted;
            if change {
                *wish = wanted;
            }
            change
        });
    }

    /// Waits until it has ended for good.
    pub(crate) async fn ended(&self) {
        let _ = self.ended.clone().wait_for(|ended| *ended).await;
    }
}

impl Wishes {
    pub(crate) fn now(&self) -> Wish {
        *self.0.borrow()
    }

    /// Whether the client is closed.
    pub(crate) fn is_closing(&self) -> bool {
        matches!(self.now(), Wish::Close | Wish::Cut)
    }

    /// Comes when the client is closed, or gone.
    pub(crate) async fn closing(&mut self) {
        let closing = |wish: &Wish| matches!(wish, Wish::Close | Wish::Cut);
        let _ = self.0.wait_for(closing).await;
    }

    /// Comes when it is to be ended at once. A client that is gone cannot wish for it any more.
    pub(crate) async fn cut(&mut self) {
        if self.0.wait_for(|wish| *wish == Wish::Cut).await.is_err() {
            std::future::pending::<()>().await;
        }
    }
}

impl HasEnded {
    pub(crate) fn tell(&self) {
        self.0.send_replace(true);
    }
}
