//! The connection beneath the requests: how long a client may keep it without getting anywhere.
//!
//! actix has a deadline for the first head of a connection and one for a connection that lies idle after an answer, and
//! [`super::body`] has one for bodies. Between them a client could hold a connection for ever: by a later head that
//! never ends, by the rest of a chunked body that was answered before its end, by an answer that it does not take.

use std::cell::Cell;
use std::io;
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::time::{Instant, Sleep, sleep_until};

/// What remains of a connection whose last answer was given: until the client has read it.
pub const LINGER: Duration = Duration::from_secs(1);

/// What a crowd that comes at once may wait for its turn.
const CROWD: Duration = Duration::from_secs(1);

/// How long a connection may wait for what.
#[derive(Debug, Clone, Copy)]
pub struct Patience {
    /// For the whole of a head from its first byte on, and for the client to take any more of an answer.
    pub deadline: Duration,
    /// For the next request, and for the client to take the whole of an answer.
    pub idle: Duration,
}

impl Patience {
    /// That under which a connection is closed when its client has let the service wait for so many seconds, what
    /// lingers of it included, and some thousands of its kind beside it.
    #[must_use]
    pub fn of_seconds(seconds: u16) -> Self {
        let whole = Duration::from_secs(u64::from(seconds));
        let deadline = whole.saturating_sub(LINGER + CROWD).max(whole / 2);
        Self { deadline, idle: Duration::from_secs(75) }
    }
}

#[derive(Debug, Clone, Copy)]
enum Phase {
    /// Nothing of a request has come.
    Idle { until: Instant },
    /// A head has begun to come.
    Head { until: Instant },
    /// A request is being answered; its body has a deadline of its own.
    Busy,
}

/// Where a connection is in its requests. The frame says when one begins and when its answer is there, since only
/// whoever has read the head knows that it was whole.
#[derive(Debug)]
pub struct Progress {
    patience: Patience,
    phase: Cell<Phase>,
}

impl Progress {
    fn new(patience: Patience) -> Self {
        // actix answers 408 at the deadline, unless its clock, which it looks at twice a second, stood still so long.
        let phase = Cell::new(Phase::Head { until: Instant::now() + patience.deadline + LINGER });
        Self { patience, phase }
    }

    /// A whole head has come.
    pub fn begun(&self) {
        self.phase.set(Phase::Busy);
    }

    /// Its answer is there.
    pub fn answered(&self) {
        self.phase.set(Phase::Idle { until: Instant::now() + self.patience.idle });
    }

    /// Its answer is there, and is the last: whatever still comes is not waited for.
    pub fn answered_last(&self) {
        self.phase.set(Phase::Head { until: Instant::now() + LINGER });
    }

    fn received(&self) {
        if matches!(self.phase.get(), Phase::Idle { .. }) {
            self.phase.set(Phase::Head { until: Instant::now() + self.patience.deadline });
        }
    }

    fn until(&self) -> Option<Instant> {
        match self.phase.get() {
            Phase::Idle { until } | Phase::Head { until } => Some(until),
            Phase::Busy => None,
        }
    }
}

/// A stream that breaks off when its client lets the service wait too long.
#[derive(Debug)]
pub struct Guarded<S> {
    stream: S,
    progress: Rc<Progress>,
    reading: Alarm,
    writing: Alarm,
    /// When the client must have taken something of what waits for it.
    taken_until: Option<Instant>,
}

impl<S> Guarded<S> {
    /// Guards a new connection.
    pub fn new(stream: S, patience: Patience) -> Self {
        Self {
            stream,
            progress: Rc::new(Progress::new(patience)),
            reading: Alarm::default(),
            writing: Alarm::default(),
            taken_until: None,
        }
    }

    /// For whoever handles its requests.
    pub fn progress(&self) -> Rc<Progress> {
        Rc::clone(&self.progress)
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for Guarded<S> {
    fn poll_read(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        let before = buf.filled().len();
        let polled = Pin::new(&mut this.stream).poll_read(cx, buf);
        if polled.is_ready() {
            if buf.filled().len() > before {
                this.progress.received();
            }
            return polled;
        }
        match this.progress.until() {
            Some(until) => this.reading.poll(cx, until).map(Err),
            None => Poll::Pending,
        }
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Guarded<S> {
    fn poll_write(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        let this = self.get_mut();
        let polled = Pin::new(&mut this.stream).poll_write(cx, bytes);
        if polled.is_ready() {
            this.taken_until = None;
            return polled;
        }
        let deadline = this.progress.patience.deadline;
        let until = *this.taken_until.get_or_insert_with(|| Instant::now() + deadline);
        this.writing.poll(cx, until).map(Err)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }
}

/// Goes off at a time that moves. Its timer is set again only for an earlier time, or when it has gone off before the
/// time came: a deadline for each of a thousand requests a second then costs one timer in fifteen seconds.
#[derive(Debug, Default)]
struct Alarm(Option<Pin<Box<Sleep>>>);

impl Alarm {
    fn poll(&mut self, cx: &mut Context<'_>, until: Instant) -> Poll<io::Error> {
        let sleep = self.0.get_or_insert_with(|| Box::pin(sleep_until(until)));
        if until < sleep.deadline() {
            sleep.as_mut().reset(until);
        }
        while sleep.as_mut().poll(cx).is_ready() {
            if Instant::now() >= until {
                return Poll::Ready(io::ErrorKind::TimedOut.into());
            }
            sleep.as_mut().reset(until);
        }
        Poll::Pending
    }
}

#[cfg(test)]
mod tests {
    use tokio::io::{AsyncReadExt, AsyncWriteExt, duplex};
    use tokio::time::timeout;

    use super::*;

    fn patience(idle: u64) -> Patience {
        Patience { deadline: Duration::from_millis(60), idle: Duration::from_millis(idle) }
    }

    /// How long a read waits, and how it ends: with bytes, at the end, or broken off.
    async fn read(stream: &mut Guarded<tokio::io::DuplexStream>) -> (Duration, io::Result<usize>) {
        let started = Instant::now();
        let read = timeout(Duration::from_secs(5), stream.read(&mut [0; 16])).await;
        (started.elapsed(), read.unwrap_or(Ok(0)))
    }

    #[actix_web::test]
    async fn a_later_head_has_a_deadline_however_many_bytes_of_it_come() {
        let (mut client, service) = duplex(64);
        let mut service = Guarded::new(service, patience(10_000));
        service.progress().begun();
        service.progress().answered();
        let trickle = async {
            while client.write_all(b"x").await.is_ok() {
                tokio::time::sleep(Duration::from_millis(10)).await;
            }
        };
        let reading = async move {
            let started = Instant::now();
            while read(&mut service).await.1.is_ok() {}
            started.elapsed()
        };
        let (waited, ()) = tokio::join!(reading, trickle);
        assert!((60..5_000).contains(&waited.as_millis()), "{waited:?}");
    }

    #[actix_web::test]
    async fn a_request_in_progress_is_left_alone_and_an_idle_connection_is_not() {
        let (client, service) = duplex(64);
        let mut service = Guarded::new(service, patience(200));
        let progress = service.progress();
        progress.begun();
        assert!(timeout(Duration::from_millis(400), service.read(&mut [0; 16])).await.is_err());
        progress.answered();
        let (waited, broken) = read(&mut service).await;
        assert!(broken.is_err() && waited >= Duration::from_millis(200), "{waited:?}");
        drop(client);
    }

    #[actix_web::test]
    async fn an_answer_that_nobody_takes_breaks_off() {
        let (client, service) = duplex(8);
        let mut service = Guarded::new(service, patience(200));
        service.progress().begun();
        let written = timeout(Duration::from_secs(5), service.write_all(&[0; 64])).await;
        assert!(written.is_ok_and(|ended| ended.is_err()));
        drop(client);
    }
}
