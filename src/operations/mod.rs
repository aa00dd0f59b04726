//! What whoever runs the service asks of it, on a listener of its own: is it alive, can it serve, and how is it doing.
//!
//! Not part of the API and outside its document (`domain/README.md` 18): no scope guards it, so that it listens where
//! only the operator's own machines reach it, or nowhere.

pub mod metrics;
mod process;
pub mod readiness;

use actix_web::http::header::{CACHE_CONTROL, CONTENT_TYPE};
use actix_web::web::{Data, ServiceConfig};
use actix_web::{HttpResponse, get};

use crate::app::Service;

/// The three addresses, for the second listener.
pub fn routes(service: Service) -> impl Fn(&mut ServiceConfig) + Clone {
    let service = Data::new(service);
    move |config| {
        config
            .app_data(service.clone())
            .service(get_health)
            .service(get_readiness)
            .service(get_metrics);
    }
}

/// The process answers. Says nothing of the database: to start it anew would not bring that back.
#[get("/healthz")]
async fn get_health() -> HttpResponse {
    HttpResponse::Ok().insert_header((CACHE_CONTROL, "no-store")).body("alive\n")
}

/// 200 when requests can be served, else 503, with what was checked.
#[get("/readyz")]
async fn get_readiness(service: Data<Service>) -> HttpResponse {
    let found = readiness::check(&service).await;
    let mut answer =
        if found.ready { HttpResponse::Ok() } else { HttpResponse::ServiceUnavailable() };
    answer.insert_header((CACHE_CONTROL, "no-store")).json(found)
}

/// Everything that is measured, as text for Prometheus.
#[get("/metrics")]
async fn get_metrics(service: Data<Service>) -> HttpResponse {
    match service.metrics().text(&service) {
        Ok(text) => HttpResponse::Ok()
            .insert_header((CONTENT_TYPE, metrics::CONTENT_TYPE))
            .insert_header((CACHE_CONTROL, "no-store"))
            .body(text),
        Err(_) => HttpResponse::InternalServerError().finish(),
    }
}
