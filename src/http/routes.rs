//! Where features register their routes, with the documentation of each.

use actix_web::dev::HttpServiceFactory;
use actix_web::guard::{Guard, fn_guard};
use actix_web::{Scope, web};
use utoipa::openapi::OpenApi;
use utoipa_actix_web::OpenApiFactory;

/// What a feature's `routes` registers with: either the application of a worker, or the document.
///
/// utoipa's own `ServiceConfig` does both at once. Every worker then documents all routes anew and throws
/// the document away, which took 10 MiB of each.
#[expect(missing_debug_implementations, reason = "actix's configuration has none")]
pub struct Routes<'a>(Purpose<'a>);

enum Purpose<'a> {
    Serve(&'a mut Collections),
    Document(&'a mut OpenApi),
}

/// The routes of a worker by the collection that their path begins with, in the order in which they came.
///
/// actix compares a path with one pattern after the other, by a regular expression where it has parameters: with all
/// of them in one list that was a sixth of the processor time of a read, and grew with every feature. A collection is
/// told by one comparison of words.
#[derive(Default)]
struct Collections(Vec<(String, Scope)>);

impl Collections {
    fn add(&mut self, path: &str, handler: impl HttpServiceFactory + 'static) {
        let name = collection(path);
        let at = self.0.iter().position(|(known, _)| known == name).unwrap_or(self.0.len());
        let scope = if at < self.0.len() {
            self.0.remove(at).1
        } else {
            web::scope("").guard(begins_with(name.to_owned()))
        };
        self.0.insert(at, (name.to_owned(), scope.service(handler)));
    }
}

/// `clients` of `/v1/clients/{client_id}`.
fn collection(path: &str) -> &str {
    path.split('/').nth(2).unwrap_or_default()
}

fn begins_with(name: String) -> impl Guard {
    fn_guard(move |context| collection(context.head().uri.path()) == name)
}

impl<'a> Routes<'a> {
    /// Registers all of them with a worker's application.
    pub fn serve(config: &mut web::ServiceConfig, all: impl FnOnce(&mut Routes<'_>)) {
        let mut collections = Collections::default();
        all(&mut Routes(Purpose::Serve(&mut collections)));
        for (_, scope) in collections.0 {
            config.service(scope);
        }
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
    pub fn service<H>(&mut self, handler: H) -> &mut Self
    where
        H: HttpServiceFactory + OpenApiFactory + utoipa::Path + 'static,
    {
        match &mut self.0 {
            Purpose::Serve(collections) => collections.add(&H::path(), handler),
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
