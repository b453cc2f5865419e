"""Words that people type for people: stored and shown as plain text."""


def tidy_text(text: str) -> str:
    """Its lines, without control characters (which neither PostgreSQL nor a mail would take) and blanks around."""
    return "".join(char if char.isprintable() or char == "\n" else " " for char in text).strip()
