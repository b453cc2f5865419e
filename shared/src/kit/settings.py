"""Settings from the environment into one frozen Struct; an error names the variable and what is expected."""

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Final, TypeAlias, TypeVar

import msgspec
from cryptography.fernet import Fernet

SECRET_LENGTH_MIN: Final = 16
Secret: TypeAlias = Annotated[str, msgspec.Meta(min_length=SECRET_LENGTH_MIN)]
RateText: TypeAlias = Annotated[str, msgspec.Meta(pattern="^(off|[1-9][0-9]{0,6}/[1-9][0-9]{0,6})$")]
"""As `kit.rates.parse_rate` reads it."""
T = TypeVar("T", bound=msgspec.Struct)


class SettingsError(Exception):
    """A variable is missing or cannot be read. The message is for the person who starts the service."""


def read_settings(type_: type[T], environment: Mapping[str, str] | None = None) -> T:
    """Read field `database_url` from `DATABASE_URL`, and so on. Strings are converted to the field's type.

    A field of a list type takes comma-separated values. Raises SettingsError.
    """
    environment = os.environ if environment is None else environment
    values: dict[str, object] = {}
    for field in msgspec.structs.fields(type_):
        name = field.encode_name.upper()
        text = environment.get(name)
        if text is None or text == "":
            if field.required:
                raise SettingsError(
                    f"{name} is not set. {type_.__name__} needs it; see the service's README, Settings."
                )
            continue
        values[field.encode_name] = _convert(name, text, field.type)
    return msgspec.convert(values, type_)


def require_fernet_key(name: str, key: str) -> None:
    """Raises SettingsError."""
    try:
        Fernet(key)
    except ValueError:
        raise SettingsError(f"{name} must be a Fernet key: 32 bytes in URL-safe base64.") from None


def _convert(name: str, text: str, type_: object) -> object:
    origin = getattr(type_, "__origin__", None)
    value: object = [part.strip() for part in text.split(",") if part.strip()] if origin in (list, tuple) else text
    try:
        return msgspec.convert(value, type_, strict=False, dec_hook=_read_path)
    except msgspec.ValidationError as error:
        raise SettingsError(f"{name} cannot be read: {error}.") from None


def _read_path(type_: type, value: object) -> object:
    if type_ is not Path:
        raise NotImplementedError(f"a setting cannot be of type {type_.__name__}")
    return Path(str(value))
