"""What the staff writes for citizens: plain text in their own words. Pure."""

NOTE_MAX = 500


def tidy_note(text: str) -> str:
    """Lines stay; other control characters, which neither the database nor a mail can hold, become blanks."""
    lines = ("".join(char if char.isprintable() else " " for char in line).strip() for line in text.splitlines())
    return "\n".join(lines).strip()
