"""Pages rendered by the server: shell, components, language, formats, static files, security headers, error pages.

How a service uses it (wired in its `app.py`):

    site = Site("booking.web", brands=Brands(load), secure=…, demo_mode=…, form_origins=[…])
    app = Litestar([*api, Router("/", route_handlers=pages, guards=[same_origin]), *site.handlers],
                   exception_handlers=site.exception_handlers(BookingError), …)
    site.install(app)                       # own host names and security headers, around the whole application

    return site.page(request, brand, "home.html", services=found)      # in a page's handler

Templates extend `kit/base.html` and import `kit/components.html` with context. Every page has `t`, `url`, `brand`.
"""
