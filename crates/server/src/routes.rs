//! Every route, and the OpenAPI document that says what each takes and gives.
//!
//! Routes and document come from the same annotations, so no route is missing from the document.

use std::sync::Arc;

use axum::extract::DefaultBodyLimit;
use axum::http::header::CONTENT_TYPE;
use axum::response::IntoResponse;
use axum::routing::get;
use axum::{Router, middleware};
use domain::limits;
use utoipa::OpenApi;
use utoipa::openapi::path::Operation;
use utoipa::openapi::security::{HttpAuthScheme, HttpBuilder, SecurityScheme};
use utoipa::openapi::{OpenApi as Document, SecurityRequirement};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::app::App;
use crate::auth::metadata;
use crate::console;
use crate::handlers::{
    account, agents, approvals, attention, budgets, calls, dead_letters, duties, events, exports,
    hooks, journal, keys, kills, machine, outlets, people, policies, proposals, replay, runs,
    scores, servers, session, spaces, stops, suggestions, tools, undo,
};
use crate::http::allow::allow;
use crate::http::guard::guard;
use crate::mcp;
use crate::rescue::Refused;

#[derive(OpenApi)]
#[openapi(info(
    title = "Checkrein",
    description = "The control plane between agents and the systems they act on. Answers to calls are one \
                   envelope for success and failure; everything else that goes wrong is a problem (RFC 9457). \
                   Codes are explained in docs/errors.",
    license(name = "Apache-2.0")
))]
struct Described;

/// The router without its state, and its document.
fn described() -> (Router<Arc<App>>, Document) {
    let (router, mut document) = OpenApiRouter::with_openapi(Described::openapi())
        .merge(for_agents())
        .merge(for_operators())
        .merge(of_the_journal())
        .merge(of_people())
        .merge(of_outlets())
        .routes(routes!(machine::health))
        .routes(routes!(machine::ready))
        .routes(routes!(machine::metrics))
        .split_for_parts();
    let bearer = HttpBuilder::new().scheme(HttpAuthScheme::Bearer).build();
    let components = document.components.get_or_insert_default();
    components.add_security_scheme("key", SecurityScheme::Http(bearer));
    let items = document.paths.paths.values_mut();
    let operations = items.flat_map(|item| [&mut item.get, &mut item.post, &mut item.delete]);
    operations.flatten().for_each(name);
    document.security = Some(vec![SecurityRequirement::new("key", Vec::<String>::new())]);
    (router, document)
}

/// Functions of different resources have the same name; with the resource before it each is named once.
fn name(operation: &mut Operation) {
    let resource = operation.tags.as_ref().and_then(|tags| tags.first());
    let names = resource.zip(operation.operation_id.as_ref());
    operation.operation_id = names.map(|(resource, name)| format!("{resource}_{name}"));
}

fn for_agents() -> OpenApiRouter<Arc<App>> {
    OpenApiRouter::new()
        .routes(routes!(proposals::propose, calls::list))
        .routes(routes!(proposals::wait_for))
        .routes(routes!(calls::one))
        .routes(routes!(calls::withdraw))
        .routes(routes!(runs::open, runs::list))
        .routes(routes!(runs::one))
        .routes(routes!(runs::end))
        .routes(routes!(scores::score))
        .routes(routes!(tools::list))
        .routes(routes!(tools::one))
        .routes(routes!(spaces::workflows))
        .routes(routes!(spaces::list))
        .routes(routes!(budgets::list))
        .routes(routes!(keys::who_am_i))
}

fn for_operators() -> OpenApiRouter<Arc<App>> {
    OpenApiRouter::new()
        .routes(routes!(calls::plan))
        .routes(routes!(calls::resolve))
        .routes(routes!(calls::undo))
        .routes(routes!(undo::plan))
        .routes(routes!(undo::apply))
        .routes(routes!(calls::explain))
        .routes(routes!(dead_letters::probe))
        .routes(routes!(dead_letters::list))
        .routes(routes!(dead_letters::one))
        .routes(routes!(dead_letters::redrive))
        .routes(routes!(dead_letters::resolve))
        .routes(routes!(dead_letters::discard))
        .routes(routes!(runs::resume))
        .routes(routes!(runs::undo))
        .routes(routes!(approvals::list))
        .routes(routes!(approvals::one))
        .routes(routes!(approvals::approve))
        .routes(routes!(approvals::reject))
        .routes(routes!(approvals::edit))
        .routes(routes!(approvals::ask))
        .routes(routes!(attention::attention))
        .routes(routes!(duties::list))
        .routes(routes!(duties::done))
        .routes(routes!(duties::incidents))
        .routes(routes!(duties::close))
        .routes(routes!(budgets::raise))
        .routes(routes!(stops::list, stops::order))
        .routes(routes!(stops::reach))
        .routes(routes!(stops::lift))
        .routes(routes!(stops::receipt))
        .routes(routes!(kills::plan))
        .routes(routes!(kills::order))
        .routes(routes!(kills::last_drill, kills::drill))
        .routes(routes!(policies::current))
        .routes(routes!(policies::check))
        .routes(routes!(suggestions::suggest))
        .routes(routes!(tools::diff))
        .routes(routes!(tools::accept))
        .routes(routes!(tools::refuse))
        .routes(routes!(tools::classify))
        .routes(routes!(servers::list))
        .routes(routes!(servers::one))
        .routes(routes!(servers::restart))
        .routes(routes!(servers::packs))
        .routes(routes!(spaces::set_mode))
        .routes(routes!(agents::list, agents::make))
        .routes(routes!(agents::revoke))
        .routes(routes!(keys::list, keys::make))
        .routes(routes!(keys::revoke))
}

fn of_people() -> OpenApiRouter<Arc<App>> {
    OpenApiRouter::new()
        .routes(routes!(people::list, people::make))
        .routes(routes!(people::change))
        .routes(routes!(people::invite))
        .routes(routes!(people::link))
        .routes(routes!(people::unlink))
        .routes(routes!(session::present, session::end))
        .routes(routes!(session::by_link))
        .routes(routes!(session::by_recovery_code))
        .routes(routes!(session::begin_passkey))
        .routes(routes!(session::finish_passkey))
        .routes(routes!(session::issuers))
        .routes(routes!(session::to_issuer))
        .routes(routes!(session::from_issuer))
        .routes(routes!(account::begin_passkey))
        .routes(routes!(account::finish_passkey))
        .routes(routes!(account::remove_passkey))
        .routes(routes!(account::make_recovery_codes))
        .routes(routes!(account::link_identity))
}

fn of_outlets() -> OpenApiRouter<Arc<App>> {
    OpenApiRouter::new()
        .routes(routes!(outlets::list))
        .routes(routes!(outlets::test))
        .routes(routes!(hooks::decide))
        .routes(routes!(hooks::slack))
}

fn of_the_journal() -> OpenApiRouter<Arc<App>> {
    OpenApiRouter::new()
        .routes(routes!(journal::entries))
        .routes(routes!(journal::head))
        .routes(routes!(journal::verify))
        .routes(routes!(exports::export))
        .routes(routes!(replay::replay))
        .routes(routes!(events::events))
}

/// The OpenAPI 3.1 document as JSON.
///
/// # Errors
/// Never in practice: the document is made of text and lists.
pub fn openapi() -> Result<String, serde_json::Error> {
    described().1.to_pretty_json()
}

/// The service.
pub(crate) fn router(app: Arc<App>) -> Result<Router, serde_json::Error> {
    let (router, document) = described();
    let document: Arc<str> = document.to_pretty_json()?.into();
    let document = move || {
        let document = Arc::clone(&document);
        async move { ([(CONTENT_TYPE, "application/json")], document.to_string()) }
    };
    Ok(router
        .route("/v1/openapi.json", get(document))
        .merge(mcp::routes())
        .merge(metadata::routes())
        .fallback(console::serve)
        .method_not_allowed_fallback(wrong_method)
        .layer(DefaultBodyLimit::max(limits::MESSAGE_BYTES_MAX))
        .layer(middleware::from_fn_with_state(Arc::clone(&app), allow))
        .layer(middleware::from_fn_with_state(Arc::clone(&app), guard))
        .with_state(app))
}

async fn wrong_method() -> impl IntoResponse {
    Refused::invalid("this path has no such method")
}
