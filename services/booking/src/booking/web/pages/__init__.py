"""Booking's pages, in the order in which a citizen meets them. No page asks the store: they call use cases."""
