"""Every tenant of the demo can be read: text on its colour, its links on white (WCAG 2.2, 1.4.3)."""

import tomllib
from pathlib import Path

import msgspec
import pytest

from contracts.tenant import TenantProfile, TenantsFile
from kit.web.brand import contrast

SEED = Path(__file__).parents[2] / "deploy/demo/src/demo/seed/tenants.toml"
TENANTS = msgspec.convert(tomllib.loads(SEED.read_text("utf-8")), TenantsFile).tenants


@pytest.mark.parametrize("tenant", TENANTS, ids=lambda tenant: tenant.slug)
def test_contrast(tenant: TenantProfile) -> None:
    colours = tenant.colours
    assert contrast(colours.primary, colours.on_primary) >= 4.5
    assert contrast(colours.primary, "#ffffff") >= 4.5, "links and outlined buttons on the page's white"
    assert contrast(colours.primary, "#f4f4f7") >= 4.5, "links on the hued surface"
