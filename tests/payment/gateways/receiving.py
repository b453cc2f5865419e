"""Webhooks that the sandbox has sent."""

from tests.support.sandbox import Receiver, Webhook
from tests.support.waiting import eventually


async def received(receiver: Receiver, *words: str) -> Webhook:
    def found() -> list[Webhook]:
        return [webhook for webhook in receiver.of(words[0]) if all(word.encode() in webhook.body for word in words)]

    return (await eventually(found))[0]
