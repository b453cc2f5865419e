"""`python -m demo.sandbox`: serve until SIGTERM."""

from demo.sandbox.settings import Settings
from kit.serve import serve
from kit.settings import read_settings

settings = read_settings(Settings)
serve("demo.sandbox.app:create", host=settings.host, port=settings.port, workers=1)
