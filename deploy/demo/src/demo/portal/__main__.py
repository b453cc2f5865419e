"""`python -m demo.portal`: serve until SIGTERM."""

from demo.portal.settings import Settings
from kit.serve import serve
from kit.settings import read_settings

settings = read_settings(Settings)
serve("demo.portal.app:create", host=settings.host, port=settings.port, workers=1)
