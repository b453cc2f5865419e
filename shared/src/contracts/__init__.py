"""The messages between the services, and the file formats they share. Imports msgspec alone.

Readers tolerate unknown fields, so that a new field never stops an old reader. Requests that come in over HTTP are
decoded by strict Structs in the receiving service's `web/`.
"""
