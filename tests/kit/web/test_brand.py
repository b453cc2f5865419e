import pytest

from kit.web.brand import RELOAD_FOR_UNKNOWN_S, Brand, Brands, contrast, theme_css


def brand(slug: str, primary: str = "#123456") -> Brand:
    return Brand(slug=slug, name=slug.title(), primary=primary, on_primary="#ffffff", accent="#ffcc00")


@pytest.mark.parametrize(("one", "other", "ratio"), [("#000000", "#ffffff", 21.0), ("#777777", "#ffffff", 4.48)])
def test_contrast_as_wcag_defines_it(one: str, other: str, ratio: float) -> None:
    assert contrast(one, other) == pytest.approx(ratio, abs=0.01)


def test_the_theme_names_the_brands_colours() -> None:
    css = theme_css(brand("a"))
    assert "--brand-primary:#123456" in css
    assert css.count("{") == css.count("}")


async def test_brands_are_asked_for_once_while_they_are_young() -> None:
    loads = 0

    async def load() -> list[Brand]:
        nonlocal loads
        loads += 1
        return [brand("heinsberg")]

    brands = Brands(load)
    assert brands.known("heinsberg") is None
    assert await brands.find("heinsberg")
    assert await brands.find("unknown") is None
    assert loads == 1


async def test_a_source_that_is_away_leaves_what_is_known() -> None:
    async def load() -> list[Brand]:
        if brands.known("heinsberg"):
            raise ConnectionError
        return [brand("heinsberg")]

    brands = Brands(load)
    assert await brands.find("heinsberg")
    brands._loaded_at = float("-inf")
    assert await brands.find("heinsberg")


async def test_no_tenants_yet_is_asked_again() -> None:
    found: list[Brand] = []

    async def load() -> list[Brand]:
        return found

    brands = Brands(load)
    assert await brands.find("heinsberg") is None
    found.append(brand("heinsberg"))
    assert await brands.find("heinsberg")


async def test_who_is_configured_while_we_run_is_known_soon() -> None:
    found = [brand("heinsberg")]

    async def load() -> list[Brand]:
        return list(found)

    brands = Brands(load)
    assert await brands.find("wegberg") is None
    found.append(brand("wegberg"))
    brands._loaded_at -= RELOAD_FOR_UNKNOWN_S
    assert await brands.find("wegberg")
