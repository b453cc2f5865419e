"""JSON lines on stdout. No body, name, mail address or token is ever logged; secrets in paths are redacted here."""

import json
import logging
import re
import sys
from datetime import UTC, datetime

_STANDARD = set(vars(logging.makeLogRecord({}))) | {"message", "asctime"}
_SECRET_PATHS = re.compile(r"(/(?:zugang|aktivierung|einladung|verhindert|checkout|feeds)/)[^/?#\s\"']+")
_DETAILS = re.compile(r"(DETAIL:\s+)[^\n]+")
"""PostgreSQL's word on a row that it refuses holds the row: names, addresses."""
_TOKENS = re.compile(r"(?i)(bearer\s+|token=|key=|back=)[^\s&\"']+")


def redact(text: str) -> str:
    return _DETAILS.sub(r"\1…", _TOKENS.sub(r"\1…", _SECRET_PATHS.sub(r"\1…", text)))


class JsonFormatter(logging.Formatter):
    def __init__(self, service: str) -> None:
        super().__init__()
        self.service = service

    def format(self, record: logging.LogRecord) -> str:
        line: dict[str, object] = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "service": self.service,
            "logger": record.name,
            "message": redact(record.getMessage()),
        }
        extra = {key: value for key, value in vars(record).items() if key not in _STANDARD}
        line.update({key: redact(value) if isinstance(value, str) else value for key, value in extra.items()})
        if record.exc_info:
            line["trace"] = redact(self.formatException(record.exc_info))
        return json.dumps(line, ensure_ascii=False, default=str)


def set_up_logging(service: str, level: str = "INFO") -> None:
    handler = logging.StreamHandler(sys.stdout)
    handler.setFormatter(JsonFormatter(service))
    logging.basicConfig(level=level, handlers=[handler], force=True)
    logging.getLogger("httpx").setLevel("WARNING")  # logs whole URLs
