//! Where features register their routes, with the documentation of each.

use actix_web::dev::HttpServiceFactory;
use actix_web::web;
use utoipa::openapi::OpenApi;
use utoipa_actix_web::OpenApiFactory;

/// What a feature's `routes` registers with: either the application of a worker, or the document.
///
/// utoipa's own `ServiceConfig` does both at once. Every worker then documents all routes anew and throws
/// the document away, which took 10 MiB of each.
#[expect(missing_debug_implementations, reason = "actix's configuration has none")]
pub struct Routes<'a>(Purpose<'a>);

enum Purpose<'a> {
    Serve(&'a mut web::ServiceConfig),
    Document(&'a mut OpenApi),
}

impl<'a> Routes<'a> {
    /// Registers with a worker's application.
    pub fn to_serve(config: &'a mut web::ServiceConfig) -> Self {
        Self(Purpose::Serve(config))
    }

    /// Registers with the document.
    pub fn to_document(document: &'a mut OpenApi) -> Self {
        Self(Purpose::Document(document))
    }

    /// Registers the routes of a part.
    pub fn configure(&mut self, part: impl FnOnce(&mut Routes<'_>)) -> &mut Self {
        part(self);
        self
    }

    /// Registers a documented handler.
    pub fn service(
        &mut self,
        handler: impl HttpServiceFactory + OpenApiFactory + 'static,
    ) -> &mut Self {
        match &mut self.0 {
            Purpose::Serve(config) => {
                config.service(handler);
            }
            Purpose::Document(document) => {
                let mut schemas = Vec::new();
                handler.schemas(&mut schemas);
                document.paths.merge(handler.paths());
                document.components.get_or_insert_default().schemas.extend(schemas);
            }
        }
        self
    }
}
