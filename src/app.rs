//! Assembles the service: routes with their document, the frame, the docs page.
//!
//! The same assembly serves in production and in tests; only its parts differ.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use actix_cors::Cors;
use actix_web::body::MessageBody;
use actix_web::dev::{ServiceFactory, ServiceRequest, ServiceResponse};
use actix_web::http::header::CONTENT_TYPE;
use actix_web::middleware::from_fn;
use actix_web::{App, HttpResponse, get, web};
use serde_json::Value;

use crate::auth::gate::Parts;
use crate::auth::token::Issuer;
use crate::auth::{Gate, signing_keys};
use crate::clock::Clock;
use crate::db::Executor;
use crate::db::id::IdSource;
use crate::demo::clock::Moving;
use crate::demo::{self, Login};
use crate::error::{Error, Result};
use crate::http::body::BodyDeadline;
use crate::http::contract::Unfit;
use crate::http::document;
use crate::http::frame::{Frame, frame, unrouted};
use crate::http::idempotency;
use crate::http::{Contract, Routes};
use crate::notifier::Notifier;
use crate::operations::metrics::Metrics;
use crate::telemetry::request::Cause;
use crate::{
    activities, alerts, assignments, audit, calendar_feeds, caseload, clients, clinicians,
    consents, couples, crisis, dashboards, docs, figures, help_requests, holds,
    joint_confirmations, me, occurrences, practices, programs, psychotherapy_notes, reviews,
    session_notes, session_summaries, sessions, submissions, time_proposals, treatments, users,
    worker,
};

/// The running service, apart from its sockets.
#[derive(Clone)]
pub struct Service {
    gate: web::Data<Gate>,
    contract: web::Data<Contract>,
    frame: web::Data<Frame>,
    tagger: web::Data<crate::http::etag::Tagger>,
    deadline: web::Data<BodyDeadline>,
    executor: Executor,
    metrics: Metrics,
    clock: Clock,
    notifier: Notifier,
    /// It was told to stop.
    stopping: Arc<AtomicBool>,
    /// A demo's clock can be moved.
    moving: Option<(Issuer, Vec<Login>)>,
}

impl Service {
    /// Puts the parts together and checks the document.
    ///
    /// # Errors
    /// When an operation has no policy, or a schema does not compile: such a service must not
    /// start.
    pub fn assemble(parts: Parts, request_deadline: Duration) -> std::result::Result<Self, Unfit> {
        // Made by a thread of its own, whose memory the allocator gives back as a whole: what is compiled of the
        // document stays, and would lie among it.
        let made = std::thread::spawn(document).join();
        let document = made.unwrap_or_else(|panic| std::panic::resume_unwind(panic));
        let contract = Contract::compile(&document)?;
        let frame = Frame {
            ids: IdSource::Random,
            clock: parts.clock.clone(),
            error_pages: format!("{}/docs/errors", parts.public_url),
        };
        let (executor, clock) = (parts.executor.clone(), parts.clock.clone());
        let gate = Gate::new(parts);
        Ok(Self {
            tagger: web::Data::new(gate.tagger()),
            gate: web::Data::new(gate),
            contract: web::Data::new(contract),
            frame: web::Data::new(frame),
            deadline: web::Data::new(BodyDeadline(request_deadline)),
            executor,
            metrics: Metrics::default(),
            clock,
            notifier: Notifier::default(),
            stopping: Arc::default(),
            moving: None,
        })
    }

    /// The same, with clinicians called by this channel.
    #[must_use]
    pub fn notifying(self, notifier: Notifier) -> Self {
        Self { notifier, ..self }
    }

    /// The same, as a demo: these can move its clock.
    #[must_use]
    pub fn with_moving_clock(self, issuer: Issuer, logins: Vec<Login>) -> Self {
        Self { moving: Some((issuer, logins)), ..self }
    }

    /// Its clock.
    #[must_use]
    pub fn clock(&self) -> &Clock {
        &self.clock
    }

    /// From now on it is not ready for more, though it still answers.
    pub fn prepare_to_stop(&self) {
        self.stopping.store(true, Ordering::Relaxed);
    }

    /// Whether it was told to stop.
    #[must_use]
    pub fn is_stopping(&self) -> bool {
        self.stopping.load(Ordering::Relaxed)
    }

    /// What it counts.
    #[must_use]
    pub fn metrics(&self) -> &Metrics {
        &self.metrics
    }

    pub(crate) fn executor(&self) -> &Executor {
        &self.executor
    }

    /// The gate, for commands that set a scene before serving.
    #[must_use]
    pub fn gate(&self) -> &Gate {
        &self.gate
    }

    /// The compiled document.
    #[must_use]
    pub fn contract(&self) -> Arc<Contract> {
        self.contract.clone().into_inner()
    }

    /// The application for one worker.
    #[must_use]
    pub fn app(
        &self,
    ) -> App<
        impl ServiceFactory<
            ServiceRequest,
            Config = (),
            Response = ServiceResponse<impl MessageBody + use<>>,
            Error = actix_web::Error,
            InitError = (),
        > + use<>,
    > {
        App::new()
            .app_data(self.gate.clone())
            .app_data(self.contract.clone())
            .app_data(self.frame.clone())
            .app_data(web::Data::new(self.metrics.clone()))
            .app_data(self.tagger.clone())
            .app_data(self.deadline.clone())
            .configure(|config| Routes::serve(config, routes))
            .configure(|config| {
                if let Some((issuer, logins)) = self.moving.clone() {
                    let service = self.clone();
                    demo::clock::routes(Moving { service, issuer, logins })(config);
                }
            })
            .configure(docs::routes)
            .default_service(web::to(unrouted))
            .wrap(cross_origin())
            .wrap(from_fn(frame))
    }

    /// Loads the signing keys in use now; they are loaded again by [`Self::chores`].
    ///
    /// # Errors
    /// Those of the database.
    pub async fn load_signing_keys(&self) -> Result<()> {
        let (gate, now) = (self.gate.clone().into_inner(), self.clock.now());
        let loader = Arc::clone(&gate);
        let keys = self
            .executor
            .read(None, move |conn| signing_keys::load(conn, loader.keyring(), now))
            .await?;
        if keys.verifying() != gate.verifier().keys().verifying()
            || keys.signing().map(|key| key.kid().to_owned())
                != gate.verifier().keys().signing().map(|key| key.kid().to_owned())
        {
            gate.verifier().replace_keys(keys);
        }
        Ok(())
    }

    /// Does what is due at this moment: lets holds take effect, and calls clinicians.
    pub async fn tick(&self) {
        let now = self.clock.now();
        worker::tick(&self.executor, &self.gate, &self.notifier, &self.metrics.worker, now).await;
    }

    /// What the service does by itself for as long as it runs: what is due, every two seconds; takes up
    /// rotated keys within half a minute, and forgets idempotency keys that have run out.
    pub async fn chores(self) {
        let mut round = 0u32;
        loop {
            tokio::time::sleep(Duration::from_secs(2)).await;
            self.tick().await;
            round = round.wrapping_add(1);
            if !round.is_multiple_of(15) {
                continue;
            }
            if let Err(error) = self.load_signing_keys().await {
                let (code, cause) = (error.code().as_str(), Cause::of(&error));
                tracing::warn!(code, cause, "signing keys could not be loaded");
            }
            self.gate.sweep_limits();
            let now = self.clock.now();
            if round.is_multiple_of(300)
                && let Err(error) =
                    self.executor.write(None, move |conn| idempotency::sweep(conn, now)).await
            {
                let (code, cause) = (error.code().as_str(), Cause::of(&error));
                tracing::warn!(code, cause, "idempotency keys could not be swept");
            }
        }
    }
}

/// Pages of any origin may call, with a token and never with cookies: there are none, so that a foreign
/// page can do nothing that its own server could not.
fn cross_origin() -> Cors {
    Cors::default()
        .allow_any_origin()
        .send_wildcard()
        .allowed_methods(["GET", "POST", "PUT", "PATCH", "DELETE"])
        .allowed_headers([
            "authorization",
            "content-type",
            "if-match",
            "if-none-match",
            "idempotency-key",
            "traceparent",
        ])
        .expose_headers([
            "etag",
            "location",
            "link",
            "retry-after",
            "x-request-id",
            "idempotency-replayed",
            "ratelimit",
            "ratelimit-policy",
        ])
        .max_age(86_400)
}

/// Every route under `/v1`, with its documentation. Collections are tried one after the other, and the routes of one
/// too, so that what is asked most comes first.
fn routes(config: &mut Routes<'_>) {
    config
        .configure(me::routes)
        .configure(clients::routes)
        .configure(couples::routes)
        .configure(treatments::routes)
        .configure(consents::routes)
        .configure(sessions::routes)
        .configure(session_notes::routes)
        .configure(session_summaries::routes)
        .configure(psychotherapy_notes::routes)
        .configure(audit::routes)
        .configure(activities::routes)
        .configure(assignments::routes)
        .configure(occurrences::routes)
        .configure(time_proposals::routes)
        .configure(joint_confirmations::routes)
        .configure(figures::routes)
        .configure(dashboards::routes)
        .configure(caseload::routes)
        .configure(calendar_feeds::routes)
        .configure(programs::routes)
        .configure(submissions::routes)
        .configure(reviews::routes)
        .configure(alerts::routes)
        .configure(holds::routes)
        .configure(help_requests::routes)
        .configure(crisis::routes)
        .configure(practices::routes)
        .configure(clinicians::routes)
        .configure(users::routes)
        .service(get_jwks);
}

/// The finished document.
#[must_use]
pub fn document() -> Value {
    let mut document = document::head();
    routes(&mut Routes::to_document(&mut document));
    document::finish(serde_json::to_value(document).unwrap_or_default())
}

/// Get the token keys
///
/// The public keys that verify access tokens, as a JSON Web Key Set (RFC 7517). For anybody.
#[utoipa::path(
    tag = "keys",
    responses((status = 200, description = "The key set", body = docs::KeySetDocument,
               content_type = "application/jwk-set+json")),
    security(()),
)]
#[get("/.well-known/jwks.json")]
async fn get_jwks(gate: web::Data<Gate>) -> Result<HttpResponse> {
    let keys = serde_json::to_vec(&gate.verifier().keys().jwks())
        .map_err(|_| Error::internal("the key set did not serialise"))?;
    Ok(HttpResponse::Ok().insert_header((CONTENT_TYPE, "application/jwk-set+json")).body(keys))
}
