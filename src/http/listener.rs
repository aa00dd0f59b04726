//! The sockets: the service behind a listener, with every connection guarded.
//!
//! `actix_web::HttpServer` was left, since it takes no stream but its own, and so no [`Guarded`] one. What it does
//! beside that is here.

use std::future::ready;
use std::net::TcpListener;
use std::time::Duration;

use actix_http::HttpServiceBuilder;
use actix_http::error::DispatchError;
use actix_service::{ServiceFactoryExt, fn_service, map_config};
use actix_web::dev::{AppConfig, Server};
use actix_web::rt::net::TcpStream;

use super::connection::{Guarded, LINGER, Patience};
use crate::app::Service;

/// How a listener is served.
#[derive(Debug, Clone, Copy)]
pub struct Serving {
    /// What connections may wait for.
    pub patience: Patience,
    /// Threads; one per core if not given.
    pub workers: Option<usize>,
    /// What was begun before a signal to stop has so long to be finished.
    pub shutdown: Duration,
}

/// Serves the listener until it is stopped by its handle.
///
/// # Errors
/// When the operating system refuses the listener.
pub fn serve(service: Service, listener: TcpListener, serving: Serving) -> std::io::Result<Server> {
    let Serving { patience, workers, shutdown } = serving;
    let mut server = Server::build().disable_signals().shutdown_timeout(shutdown.as_secs());
    if let Some(workers) = workers {
        server = server.workers(workers);
    }
    let stopping = server.graceful_shutdown_signal();
    let server = server.listen("attune", listener, move || {
        let stopping = stopping.clone();
        let http = HttpServiceBuilder::default()
            .graceful_shutdown_signal(move || {
                let stopping = stopping.clone();
                async move { stopping.notified().await }
            })
            .keep_alive(patience.idle)
            .client_request_timeout(patience.deadline)
            .client_disconnect_timeout(LINGER)
            .on_connect_ext(|stream: &Guarded<TcpStream>, data| {
                data.insert(stream.progress());
            })
            .h1(map_config(service.app(), |()| AppConfig::default()));
        fn_service(move |stream: TcpStream| {
            let peer = stream.peer_addr().ok();
            ready(Ok::<_, DispatchError>((Guarded::new(stream, patience), peer)))
        })
        .and_then(http)
    })?;
    Ok(server.run())
}
