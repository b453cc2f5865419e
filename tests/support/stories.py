"""How Hypothesis plays stories of a whole service: the same ones in each run of the tests, others by `make soak`."""

import os

from hypothesis import HealthCheck, Phase, settings

IS_SOAK = "SOAK_EXAMPLES" in os.environ


def story_settings(stories: int, steps: int) -> settings:
    """`stories` of `steps` each; by `make soak` as many as it says.

    The same ones in each run, so that nobody finds a fault by changing something else.
    """
    return settings(
        max_examples=int(os.environ.get("SOAK_EXAMPLES", stories)),
        stateful_step_count=steps,
        deadline=None,
        database=None,
        derandomize=not IS_SOAK,
        suppress_health_check=list(HealthCheck),
        phases=[Phase.generate, Phase.shrink],
        print_blob=True,
    )
