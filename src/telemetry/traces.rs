//! Traces: each request a span with its operation, route and status, sent to a collector (OpenTelemetry's protocol
//! over HTTP) when one is named. A caller's `traceparent` is continued. A span holds what a log line holds, and no more.

use actix_web::http::header::HeaderMap;
use opentelemetry::propagation::{Extractor, TextMapPropagator};
use opentelemetry::trace::{TraceContextExt, TracerProvider};
use opentelemetry_otlp::{Protocol, SpanExporter, WithExportConfig};
use opentelemetry_sdk::Resource;
use opentelemetry_sdk::propagation::TraceContextPropagator;
use opentelemetry_sdk::trace::{SdkTracer, SdkTracerProvider};
use tracing::Span;
use tracing_opentelemetry::{OpenTelemetryLayer, OpenTelemetrySpanExt};
use tracing_subscriber::Layer;
use tracing_subscriber::filter::filter_fn;
use tracing_subscriber::registry::LookupSpan;

/// Sends what is still to be sent when it goes.
#[derive(Debug)]
pub(super) struct Traces(SdkTracerProvider);

impl Drop for Traces {
    fn drop(&mut self) {
        // A collector that is away keeps nobody from stopping.
        drop(self.0.shutdown());
    }
}

/// The layer that makes spans of the service's own, and of no library's: those of the client that sends spans would be
/// sent in turn.
pub(super) fn layer<S>(endpoint: &str) -> Result<(impl Layer<S> + use<S>, Traces), String>
where
    S: tracing::Subscriber + for<'a> LookupSpan<'a> + Send + Sync,
{
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
    let layer: OpenTelemetryLayer<S, SdkTracer> =
        tracing_opentelemetry::layer().with_tracer(provider.tracer("attune"));
    let own = filter_fn(|metadata| metadata.target().starts_with("attune"));
    Ok((layer.with_location(false).with_threads(false).with_filter(own), Traces(provider)))
}

/// Makes a request's span a child of what the caller says that it belongs to.
pub(super) fn continue_trace(span: &Span, headers: &HeaderMap) {
    let parent = TraceContextPropagator::new().extract(&Headers(headers));
    // Without a collector there is no layer to take it. The kind has to be known before the span is entered.
    if span.set_parent(parent).is_ok() {
        span.record("otel.kind", "server");
    }
}

/// Names a request's span by its operation.
pub(super) fn describe(span: &Span, operation: Option<&str>, route: Option<&str>, status: u16) {
    span.context().span().update_name(operation.unwrap_or("none").to_owned());
    span.set_attribute("http.route", route.unwrap_or_default().to_owned());
    span.set_attribute("http.response.status_code", i64::from(status));
}

struct Headers<'a>(&'a HeaderMap);

impl Extractor for Headers<'_> {
    fn get(&self, key: &str) -> Option<&str> {
        // What vendors add is theirs to send; the service neither reads nor passes it on.
        (key == "traceparent").then(|| self.0.get(key)?.to_str().ok()).flatten()
    }

    fn keys(&self) -> Vec<&str> {
        vec!["traceparent"]
    }
}
