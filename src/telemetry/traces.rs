//! Traces: each request a span with its operation, route and status, sent to a collector (OpenTelemetry's protocol
//! over HTTP) when one is named. A caller's `traceparent` is continued. A span holds what a log line holds, and no more.

use std::sync::OnceLock;
use std::time::SystemTime;

use opentelemetry::KeyValue;
use opentelemetry::propagation::{Extractor, TextMapPropagator};
use opentelemetry::trace::{Span as _, SpanKind, Status, Tracer as _, TracerProvider as _};
use opentelemetry_otlp::{Protocol, SpanExporter, WithExportConfig};
use opentelemetry_sdk::Resource;
use opentelemetry_sdk::propagation::TraceContextPropagator;
use opentelemetry_sdk::trace::{SdkTracer, SdkTracerProvider};

use super::request::{Asked, Outcome};

static TRACER: OnceLock<SdkTracer> = OnceLock::new();

/// Sends what is still to be sent when it goes.
#[derive(Debug)]
pub(super) struct Traces(SdkTracerProvider);

impl Drop for Traces {
    fn drop(&mut self) {
        // A collector that is away keeps nobody from stopping.
        drop(self.0.shutdown());
    }
}

/// Sends to this collector from now on.
pub(super) fn start(endpoint: &str) -> Result<Traces, String> {
    if !endpoint.starts_with("http://") {
        return Err("ATTUNE_OTLP_ENDPOINT must start with http://; a collector on the same machine speaks TLS to others"
            .to_owned());
    }
    let exporter = SpanExporter::builder()
        .with_http()
        .with_protocol(Protocol::HttpBinary)
        .with_endpoint(format!("{}/v1/traces", endpoint.trim_end_matches('/')))
        .build()
        .map_err(
            |_| "ATTUNE_OTLP_ENDPOINT is not an address; write it as `http://127.0.0.1:4318`",
        )?;
    let resource = Resource::builder().with_service_name("attune").build();
    let provider =
        SdkTracerProvider::builder().with_resource(resource).with_batch_exporter(exporter).build();
    TRACER.set(provider.tracer("attune")).map_err(|_| "traces were started twice")?;
    Ok(Traces(provider))
}

/// The span of a request that ends now, as a child of what the caller says that it belongs to.
pub(super) fn record(asked: &Asked, outcome: &Outcome<'_>) {
    let Some(tracer) = TRACER.get() else { return };
    let ended = SystemTime::now();
    let mut attributes = vec![
        KeyValue::new("request_id", asked.request_id.to_string()),
        KeyValue::new("http.request.method", outcome.method),
        KeyValue::new("http.route", outcome.route.unwrap_or_default().to_owned()),
        KeyValue::new("http.response.status_code", i64::from(outcome.status)),
    ];
    if let Some(asker) = &asked.asker {
        attributes.push(KeyValue::new("practice", asker.practice.to_string()));
        attributes.push(KeyValue::new("actor", asker.actor.clone()));
    }
    let mut span = tracer
        .span_builder(outcome.operation.unwrap_or("none").to_owned())
        .with_kind(SpanKind::Server)
        .with_start_time(ended.checked_sub(outcome.took).unwrap_or(ended))
        .with_attributes(attributes)
        .start_with_context(tracer, &TraceContextPropagator::new().extract(&Parent(asked)));
    if outcome.status >= 500 {
        span.set_status(Status::error(""));
    }
    span.end_with_timestamp(ended);
}

struct Parent<'a>(&'a Asked);

impl Extractor for Parent<'_> {
    fn get(&self, key: &str) -> Option<&str> {
        // What vendors add is theirs to send; the service neither reads nor passes it on.
        (key == "traceparent").then_some(self.0.parent.as_deref()).flatten()
    }

    fn keys(&self) -> Vec<&str> {
        vec!["traceparent"]
    }
}
