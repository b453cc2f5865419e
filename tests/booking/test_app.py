from litestar import Litestar
from litestar.testing import AsyncTestClient


async def test_health_metrics_and_schema_answer(booking_client: AsyncTestClient[Litestar]) -> None:
    for path in ("/health/live", "/health/ready", "/metrics", "/schema", "/schema/openapi.json"):
        response = await booking_client.get(path)
        assert response.status_code == 200, path


async def test_an_unknown_path_is_a_problem(booking_client: AsyncTestClient[Litestar]) -> None:
    response = await booking_client.get("/v1/nothing")
    assert response.status_code == 404
    assert response.headers["content-type"] == "application/problem+json"
    assert response.json()["code"] == "not_found"
