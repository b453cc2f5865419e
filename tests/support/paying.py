"""A citizen pays by card in the sandbox, by plain requests."""

from urllib.parse import urlsplit

import httpx

BROWSER = {"Accept": "text/html", "Sec-Fetch-Site": "same-origin"}


def pay_by_card(next_url: str) -> None:
    with httpx.Client(headers=BROWSER, follow_redirects=True, timeout=20) as citizen:
        checkout = citizen.get(next_url)
        own = checkout.url.copy_with(query=None)
        hosted = citizen.post(f"{own}/zahlung", data={"method": "card"})
        assert urlsplit(str(hosted.url)).netloc != urlsplit(str(own)).netloc, hosted.text
        citizen.post(hosted.url, data={"choice": "pay"}).raise_for_status()
