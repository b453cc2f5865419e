"""All pages under one router: its guard keeps foreign forms out, its handlers show who may not see a page why."""

from litestar import Router

from notify.web.pages import operations, sign_in, templates
from notify.web.pages.frame import own_form
from notify.web.pages.session import RoleMissing, SignedOut


def make_router() -> Router:
    groups = (sign_in, operations, templates)
    return Router(
        "/",
        route_handlers=[handler for group in groups for handler in group.ROUTES],
        guards=[own_form],
        exception_handlers={SignedOut: sign_in.on_signed_out, RoleMissing: sign_in.on_role_missing},
    )
