"""The demo's files: readable colours, names that are one person's, services as the source says."""

import re

from tests.booking.support.seed import seed_files

from demo.keys import STAFF

FILES = seed_files()


def luminance(colour: str) -> float:
    """Relative luminance (WCAG 2.2)."""
    channels = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    linear = [value / 12.92 if value <= 0.04045 else ((value + 0.055) / 1.055) ** 2.4 for value in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def test_eleven_tenants_with_colours_that_can_be_read_and_told_apart() -> None:
    assert len(FILES.tenants) == 11
    for tenant in FILES.tenants:
        colours = tenant.colours
        assert contrast(colours.primary, colours.on_primary) >= 4.5, tenant.slug
        assert contrast(colours.accent, "#FFFFFF") >= 4.5, tenant.slug
        assert contrast(colours.primary, "#FFFFFF") >= 4.5, tenant.slug
    assert len({tenant.colours.primary for tenant in FILES.tenants}) == 11


def test_keys_and_hosts() -> None:
    assert len({tenant.ars for tenant in FILES.tenants}) == 11
    assert all(re.fullmatch(r"05370\d{7}", tenant.ars) for tenant in FILES.tenants)
    assert len({host for tenant in FILES.tenants for host in tenant.hosts}) == 11


def test_a_clerk_s_name_and_address_are_one_person_s() -> None:
    for tenant in FILES.tenants:
        clerks = [clerk for office in FILES.offices.office if office.tenant == tenant.slug for clerk in office.clerks]
        assert len({clerk.name for clerk in clerks}) == len(clerks)
        assert len({clerk.email for clerk in clerks}) == len(clerks)
        assert all(clerk.email.endswith(f"@{tenant.slug}.example") for clerk in clerks)


def test_the_demos_staff_who_handle_visits_are_clerks() -> None:
    subjects = {clerk.subject for office in FILES.offices.office for clerk in office.clerks if clerk.subject}
    assert subjects == {subject for subject, role in STAFF.values() if role in ("clerk", "lead")}


def test_known_facts_of_the_services() -> None:
    services = {row.name: row for row in FILES.services}
    assert services["Personalausweis beantragen (ab 24 Jahre)"].fee_cents == 4600
    assert services["Auszug Liegenschaftskarte online"].kind == "online"
    assert services["Auszug Liegenschaftskarte online"].fee_cents == 1500
    assert services["Einbürgerung – Beratung/Antrag"].payment_policy == "after_decision"
    assert services["Meldebescheinigung"].fees == ()  # on request: no figure is promised
    assert all(row.name_en for row in FILES.services)
