//! `serve` and `demo`.

use std::net::{SocketAddr, TcpListener};
use std::path::{Path, PathBuf};
use std::time::Duration;

use actix_web::dev::ServerHandle;
use actix_web::{App, HttpServer};
use socket2::{Domain, Protocol, Socket, Type};
use tokio::signal::unix::{SignalKind, signal};

use super::{Demo, Outcome, Serve, boot, say};
use crate::app::Service;
use crate::auth::Keyring;
use crate::auth::token::Issuer;
use crate::clock::Clock;
use crate::config::{Identity, Server, Storage};
use crate::db::{DatabaseUrl, migrate};
use crate::http::connection::Patience;
use crate::http::listener::{self, Serving};
use crate::{demo, operations};

pub(super) fn serve(command: &Serve) -> Outcome {
    look_at(&command.server, &command.identity)?;
    if command.migrate {
        super::chores::migrate(&command.storage)?;
    }
    let (mut conn, keyring) = boot::open(&command.storage)?;
    super::chores::ensure_signing_key(&mut conn, &keyring, Clock::System.now())?;
    let listener = listen(&command.server)?;
    let (storage, server) = (&command.storage, &command.server);
    let (service, _) =
        assemble(storage, keyring, server, &command.identity, &listener, Clock::System)?;
    super::chores::install_catalogue(&mut conn, service.gate())?;
    drop(conn);
    run(service, &command.server, listener, |_| Ok(()))
}

pub(super) fn demo(command: Demo) -> Outcome {
    look_at(&command.server, &command.identity)?;
    let folder = Folder::for_demo(command.database.is_none())?;
    let database_url = match command.database {
        Some(url) => url,
        None => DatabaseUrl::Sqlite(folder.file("demo.db")),
    };
    let storage = Storage {
        root_key_file: Some(key_file(&database_url, &folder)),
        database_url,
        database_url_file: None,
        root_key: None,
        root_key_command: None,
    };
    migrate::run(storage.database()).map_err(|error| error.to_string())?;
    let (mut conn, keyring) = boot::open(&storage)?;
    let clock = demo::clock::of(&mut conn).map_err(|error| error.for_operator())?;
    super::chores::ensure_signing_key(&mut conn, &keyring, clock.now())?;
    let listener = listen(&command.server)?;
    let server = &command.server;
    let (service, issuer) =
        assemble(&storage, keyring, server, &command.identity, &listener, clock.clone())?;
    let (credentials, logins) = demo::set_up(&mut conn, service.gate(), &issuer, clock.now())?;
    let service = service.with_moving_clock(issuer, logins);
    drop(conn);
    if let Some(path) = &command.credentials {
        credentials.write(path)?;
    }
    run(service, &command.server, listener, |_| say(&credentials.welcome()))
}

/// Whether the addresses and the notifier make sense, before a database is opened or a port is taken: nothing is changed
/// for settings that are refused, and they are refused also where the port is somebody else's.
fn look_at(server: &Server, identity: &Identity) -> Outcome {
    let address = server.listen;
    if address.ip().is_unspecified() && identity.public_url.is_none() {
        return Err(format!(
            "listening on {address} leaves open under which address clients reach the service, and tokens \
             carry it: set ATTUNE_PUBLIC_URL, as `https://attune.example.org`"
        ));
    }
    identity.public_url(&address.to_string())?;
    server.notifier.check()
}

/// The key of a demo lies beside its database, wherever that is.
fn key_file(url: &DatabaseUrl, folder: &Folder) -> PathBuf {
    match url {
        DatabaseUrl::Sqlite(path) => PathBuf::from(format!("{path}.key")),
        DatabaseUrl::Postgres(_) => PathBuf::from(folder.file("demo.key")),
    }
}

fn listen(server: &Server) -> Result<TcpListener, String> {
    bind(server.listen, "--listen")
}

/// Connections that may wait to be taken, or as many as the kernel allows (`net.core.somaxconn`). The 128 of the standard
/// library overflow when a crowd comes at once, and a caller then believes in a connection of which nobody here hears.
const BACKLOG: i32 = 4096;

fn bind(address: SocketAddr, flag: &str) -> Result<TcpListener, String> {
    let listen = || -> std::io::Result<TcpListener> {
        let socket = Socket::new(Domain::for_address(address), Type::STREAM, Some(Protocol::TCP))?;
        // As the standard library does: a service that is started again need not wait for the connections of the last.
        socket.set_reuse_address(true)?;
        socket.bind(&address.into())?;
        socket.listen(BACKLOG)?;
        Ok(socket.into())
    };
    listen().map_err(|error| format!("cannot listen on {address}: {error}; choose another {flag}"))
}

fn assemble(
    storage: &Storage,
    keyring: Keyring,
    server: &Server,
    identity: &Identity,
    listener: &TcpListener,
    clock: Clock,
) -> Result<(Service, Issuer), String> {
    // The listener knows its port even when it was told to take any.
    let address = listener.local_addr().map_err(|error| error.to_string())?;
    let issuer = Issuer {
        url: identity.public_url(&address.to_string())?,
        audience: identity.audience.clone(),
    };
    let sizes = boot::Sizes {
        settings: server.executor(),
        token_cache: usize::try_from(server.token_cache).unwrap_or(usize::MAX),
        rates: server.rates(),
    };
    let parts = boot::parts(storage, keyring, sizes, issuer.clone(), clock)?;
    let patience = Patience::of_seconds(server.request_deadline_seconds);
    let service = Service::assemble(parts, patience.deadline).map_err(|error| error.to_string())?;
    Ok((service.notifying(server.notifier.clone()), issuer))
}

fn run(
    service: Service,
    server: &Server,
    listener: TcpListener,
    ready: impl FnOnce(&Service) -> Outcome,
) -> Outcome {
    let serving = Serving {
        patience: Patience::of_seconds(server.request_deadline_seconds),
        workers: server.workers.map(usize::from),
        shutdown: Duration::from_secs(u64::from(server.shutdown_seconds)),
    };
    let beside =
        server.operations_listen.map(|address| bind(address, "--operations-listen")).transpose()?;
    actix_web::rt::System::new().block_on(async move {
        service
            .load_signing_keys()
            .await
            .map_err(|_| "the signing keys could not be loaded".to_owned())?;
        let address = listener.local_addr().map_err(|error| error.to_string())?;
        let http = listener::serve(service.clone(), listener, serving)
            .map_err(|error| error.to_string())?;
        let drain = Duration::from_secs(beside.as_ref().map_or(0, |_| server.drain_seconds.into()));
        let beside = beside.map(|listener| operate(&service, listener)).transpose()?;
        actix_web::rt::spawn(stop_when_told(service.clone(), http.handle(), drain));
        let chores = actix_web::rt::spawn(service.clone().chores());
        tracing::info!(%address, "serving");
        ready(&service)?;
        let ended = http.await.map_err(|error| error.to_string());
        chores.abort();
        if let Some(beside) = beside {
            // Last, so that health is answered while requests end.
            beside.stop(true).await;
        }
        ended
    })
}

/// Ends the service when the process is told to. Until the time to drain is over it answers as before, and says that it
/// is not ready: a listener that is closed at once resets what was on its way to it.
async fn stop_when_told(service: Service, http: ServerHandle, drain: Duration) {
    let told =
        |kind| signal(kind).map_err(|error| tracing::error!(%error, "signals are not heard"));
    let (Ok(mut asked), Ok(mut interrupted)) =
        (told(SignalKind::terminate()), told(SignalKind::interrupt()))
    else {
        return;
    };
    tokio::select! {
        _ = asked.recv() => {
            service.prepare_to_stop();
            tokio::select! {
                () = tokio::time::sleep(drain) => {}
                _ = asked.recv() => {}
                _ = interrupted.recv() => {}
            }
        }
        // Whoever sits before it waits for it.
        _ = interrupted.recv() => {}
    }
    tracing::info!("stopping");
    http.stop(true).await;
}

/// Serves health, readiness and metrics on a listener of their own.
fn operate(service: &Service, listener: TcpListener) -> Result<ServerHandle, String> {
    let address = listener.local_addr().map_err(|error| error.to_string())?;
    let routes = operations::routes(service.clone());
    let http = HttpServer::new(move || App::new().configure(routes.clone()))
        .workers(1)
        .disable_signals()
        .shutdown_timeout(1)
        .listen(listener)
        .map_err(|error| error.to_string())?
        .run();
    let handle = http.handle();
    actix_web::rt::spawn(http);
    tracing::info!(%address, "operations");
    Ok(handle)
}

/// A temporary folder, removed at the end.
struct Folder(Option<PathBuf>);

impl Folder {
    fn for_demo(temporary: bool) -> Result<Self, String> {
        if !temporary {
            return Ok(Self(None));
        }
        let name = format!("attune-demo-{}", uuid::Uuid::now_v7().simple());
        let path = std::env::temp_dir().join(name);
        std::fs::create_dir(&path).map_err(|error| format!("no temporary folder: {error}"))?;
        Ok(Self(Some(path)))
    }

    fn file(&self, name: &str) -> String {
        self.0.as_deref().unwrap_or_else(|| Path::new("")).join(name).display().to_string()
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        if let Some(path) = &self.0
            && let Err(error) = std::fs::remove_dir_all(path)
        {
            tracing::warn!(%error, "the temporary folder could not be removed");
        }
    }
}

#[cfg(test)]
mod tests {
    use std::net::TcpStream;
    use std::time::Duration;

    use super::*;

    #[test]
    fn a_crowd_that_comes_at_once_finds_room_before_anybody_is_taken() {
        let listener = bind(SocketAddr::from(([127, 0, 0, 1], 0)), "--listen").unwrap();
        let address = listener.local_addr().unwrap();
        let allowed = std::fs::read_to_string("/proc/sys/net/core/somaxconn").unwrap_or_default();
        let crowd: usize = allowed.trim().parse().unwrap_or(128).min(500);
        let waiting: Result<Vec<_>, _> = (0..crowd)
            .map(|_| TcpStream::connect_timeout(&address, Duration::from_millis(500)))
            .collect();
        assert!(waiting.is_ok(), "of {crowd}: {waiting:?}");
    }
}
