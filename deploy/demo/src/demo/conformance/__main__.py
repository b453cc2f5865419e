"""`python -m demo.conformance --url … --secret …`: does a portal's webhook endpoint do what it should?"""

import argparse
import asyncio
import sys

import httpx
import msgspec

from demo.conformance.examine import LANGUAGES, Report, Subject, examine, subject_of
from kit.clock import system_clock
from kit.trust import public_authorities


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m demo.conformance", description=__doc__)
    parser.add_argument("--url", required=True, help="the portal's webhook endpoint")
    parser.add_argument("--secret", required=True, help="as POST /v1/webhook-endpoints told it")
    parser.add_argument("--payment-id", default="", help="a payment that the portal knows and that is not paid")
    parser.add_argument("--watch", default="", help="a page or JSON of the portal that must stay as it is")
    parser.add_argument("--language", choices=LANGUAGES.codes, default="en")
    parser.add_argument("--json", action="store_true", help="the report as JSON")
    arguments = vars(parser.parse_args())
    names = ("url", "secret", "payment_id", "watch")
    try:
        subject = subject_of({name: arguments[name] for name in names})
    except msgspec.ValidationError as error:
        parser.error(str(error))
    report = asyncio.run(_examine(subject, arguments["language"]))
    _print(report, as_json=arguments["json"])
    return 0 if report.passed else 1


async def _examine(subject: Subject, language: str) -> Report:
    async with httpx.AsyncClient(verify=public_authorities()) as http:
        return await examine(http, subject, system_clock, language)


def _print(report: Report, *, as_json: bool) -> None:
    if as_json:
        print(msgspec.json.format(msgspec.json.encode(report)).decode())
        return
    for verdict in report.verdicts:
        print(f"{'ok  ' if verdict.passed else 'FAIL'} {verdict.about} [{verdict.saw}]")
        if verdict.advice:
            print(f"     → {verdict.advice}")


if __name__ == "__main__":
    sys.exit(main())
