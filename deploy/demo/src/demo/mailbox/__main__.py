"""`python -m demo.mailbox`: take mails and show them until SIGTERM."""

from demo.mailbox.settings import Settings
from kit.serve import serve
from kit.settings import read_settings

settings = read_settings(Settings)
serve("demo.mailbox.app:create", host=settings.host, port=settings.port, workers=1)
