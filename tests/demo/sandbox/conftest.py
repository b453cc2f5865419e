import httpx
import pytest
from tests.support.sandbox import Sandbox


@pytest.fixture
def http(sandbox: Sandbox) -> httpx.Client:
    return sandbox.http


@pytest.fixture
def paypal(http: httpx.Client) -> dict[str, str]:
    answer = http.post(
        "/v1/oauth2/token",
        data={"grant_type": "client_credentials"},
        auth=("paypal-client-heinsberg", "paypal-secret-heinsberg"),
    )
    assert answer.status_code == 200
    return {"Authorization": f"Bearer {answer.json()['access_token']}"}
