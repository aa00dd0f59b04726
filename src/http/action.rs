//! The shape that every transition without a body shares.

/// Declares a `POST …/{id}/action` handler with its documentation.
macro_rules! action {
    ($(#[$doc:meta])* $name:ident $path:literal, tag $tag:literal, scope $word:literal $scope:ty,
     $id:ty => $shown:ty, $unit:expr) => {
        $(#[$doc])*
        #[utoipa::path(
            tag = $tag,
            responses((status = 200, description = "As it is now", body = $shown)),
            security(("token" = [$word])),
        )]
        #[post($path)]
        async fn $name(
            access: $crate::auth::Access<$scope>,
            $crate::http::At(id): $crate::http::At<$id>,
            _: $crate::http::NoBody,
        ) -> $crate::error::Result<$crate::http::Answer> {
            access.act(move |tx| ($unit)(tx, id)).await
        }
    };
}
pub(crate) use action;
// utoipa recognises the attribute by its bare name, so modules that use `action!` import it.
pub(crate) use actix_web::post;
