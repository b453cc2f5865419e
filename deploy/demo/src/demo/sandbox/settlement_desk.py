"""Reads movements and payouts of an account from the book, and makes payouts."""

from demo.sandbox.accounts import Provider
from demo.sandbox.desk import CAPITALS, Desk, new_id
from demo.sandbox.settlement import Movement, Payout, left_to_pay_out, movement_of, movements_of


def list_movements(desk: Desk, provider: Provider, tenant: str) -> list[Movement]:
    """Oldest first, payouts included."""
    now = desk.clock()
    sales = (sale for sale in desk.book.list_sales() if (sale.provider, sale.tenant) == (provider, tenant))
    found = [movement for sale in sales for movement in movements_of(sale, now)]
    payouts = desk.book.list_payouts(provider, tenant)
    return sorted([*found, *map(movement_of, payouts)], key=lambda movement: (movement.at, movement.id))


def pay_out(desk: Desk, provider: Provider, tenant: str) -> Payout | None:
    """All that is left, if that is more than nothing. The caller's transaction."""
    payouts = desk.book.list_payouts(provider, tenant)
    found = [movement for movement in list_movements(desk, provider, tenant) if movement.kind != "payout"]
    left = left_to_pay_out(found, payouts)
    total_cents = sum(movement.net_cents for movement in left)
    if total_cents <= 0:
        return None
    payout = Payout(
        id=new_id("po_", 24) if provider == "stripe" else new_id("", 17, CAPITALS),
        provider=provider,
        tenant=tenant,
        amount_cents=total_cents,
        currency=left[0].currency,
        at=desk.clock(),
        movements=tuple(movement.id for movement in left),
    )
    desk.book.save_payout(payout)
    return payout
