"""Why services cannot share a visit: the first reason, with the services it is about."""

from uuid import UUID

import msgspec

from booking.domain.catalogue import Catalogue, Lane, Location, Offering, Service
from booking.domain.combining import Obstacle, WantedVisit, find_obstacle, list_combinable
from booking.domain.visit_plan import RequestedItem

HALL, BRANCH, OFFICE, REGISTRY = (UUID(int=number) for number in (1, 2, 3, 4))
PERSO, PASS, PHOTO, WEDDING, ONLINE, EXPRESS, REST = (UUID(int=number) for number in range(11, 18))


def service(id_: UUID, **values: object) -> Service:
    return msgspec.convert(
        {
            "id": id_,
            "name": f"service {id_.int}",
            "name_en": "",
            "kind": "visit",
            "leika": None,
            "life_situations": (),
            "documents": (),
            "channels": ("on_site",),
            "fee_kind": "none",
            "payment_policy": "none",
            "online_url": None,
            "fees": (),
        }
        | values,
        Service,
    )


def offering(
    service_id: UUID, unit_id: UUID = OFFICE, location_id: UUID = HALL, lanes: tuple[int, ...] = (1, 2)
) -> Offering:
    return Offering(
        id=UUID(int=service_id.int * 100 + location_id.int),
        service_id=service_id,
        unit_id=unit_id,
        location_id=location_id,
        duration_min=15,
        extra_item_min=10,
        max_quantity=3,
        buffer_min=0,
        step_min=15,
        notice_min=0,
        window_days=60,
        lane_ids=lanes,
    )


def town() -> Catalogue:
    offerings = [
        offering(PERSO),
        offering(PERSO, location_id=BRANCH, lanes=(4,)),
        offering(PASS),
        offering(PHOTO, lanes=(2, 3)),
        offering(WEDDING, REGISTRY, lanes=(3,)),
    ]
    services = [
        service(PERSO, channels=("on_site", "video")),
        service(PASS),
        service(PHOTO, combines_with=frozenset({PERSO, PHOTO})),
        service(WEDDING),
        service(ONLINE, kind="online"),
        service(EXPRESS, kind="surcharge"),
        service(REST),
    ]
    place = {"street": "", "postcode": "", "city": "", "time_zone": "Europe/Berlin"}
    return Catalogue(
        tenant="muster",
        version=1,
        retention_days=7,
        time_zone="Europe/Berlin",
        services={each.id: each for each in services},
        offerings={each.id: tuple(one for one in offerings if one.service_id == each.id) for each in services},
        units={OFFICE: "Bürgerbüro", REGISTRY: "Standesamt"},
        locations={id_: Location(id=id_, name="", **place) for id_ in (HALL, BRANCH)},
        lanes={
            number: Lane(
                id=number,
                kind="counter",
                location_id=HALL,
                name="",
                clerk_id=None,
                unit_id=None,
                function="",
                room=None,
                resource_group=None,
            )
            for number in (1, 2, 3, 4)
        },
        resources={},
        items_max={1: 4, 2: 4},
    )


CATALOGUE = town()


def visit(*items: UUID | tuple[UUID, int], **more: object) -> WantedVisit:
    requested = [RequestedItem(*item) if isinstance(item, tuple) else RequestedItem(item) for item in items]
    return WantedVisit(requested)._replace(**more)  # type: ignore[arg-type]


def kind(wanted: WantedVisit) -> str | None:
    found = find_obstacle(CATALOGUE, wanted)
    return found.kind if found else None


def test_what_is_not_booked_at_all() -> None:
    assert [kind(visit(id_)) for id_ in (PERSO, ONLINE, EXPRESS, REST)] == [None, "online", "surcharge", "no_times"]


def test_what_is_chosen_twice_or_for_too_many() -> None:
    assert kind(visit(PERSO, PERSO)) == "twice"
    assert kind(visit((PERSO, 4))) == "quantity"
    assert kind(visit((PERSO, 0))) == "quantity"
    assert kind(visit((PERSO, 3), (PASS, 1))) is None
    assert kind(visit((PERSO, 3), (PASS, 2))) == "nobody", "a counter takes four of anything at once"


def test_what_may_not_share_a_visit_names_both() -> None:
    services = CATALOGUE.services
    assert find_obstacle(CATALOGUE, visit(PASS, PHOTO)) == Obstacle("excluded", services[PHOTO], services[PASS])
    assert find_obstacle(CATALOGUE, visit(PHOTO, PASS)) == Obstacle("excluded", services[PASS], services[PHOTO])
    assert kind(visit(PERSO, PHOTO)) is None


def test_what_is_done_elsewhere_or_by_others() -> None:
    services = CATALOGUE.services
    assert find_obstacle(CATALOGUE, visit(PERSO, WEDDING)) == Obstacle("elsewhere", services[WEDDING], services[PERSO])
    assert kind(visit(PERSO, PASS, location_id=BRANCH)) == "elsewhere"
    lonely = msgspec.structs.replace(CATALOGUE.offerings[PHOTO][0], lane_ids=(3,))
    split = msgspec.structs.replace(CATALOGUE, offerings=dict(CATALOGUE.offerings) | {PHOTO: (lonely,)})
    assert find_obstacle(split, visit(PERSO, PHOTO)) == Obstacle("nobody", services[PHOTO])


def test_a_channel_that_not_all_have() -> None:
    assert kind(visit(PERSO, channel="video")) is None
    assert find_obstacle(CATALOGUE, visit(PERSO, PASS, channel="video")) == Obstacle(
        "channel", CATALOGUE.services[PASS]
    )


def test_what_can_be_added() -> None:
    assert [each.id for each in list_combinable(CATALOGUE, visit(PERSO))] == [PASS, PHOTO]
    assert [each.id for each in list_combinable(CATALOGUE, visit(PASS))] == [PERSO]
    assert list_combinable(CATALOGUE, visit(PERSO, location_id=BRANCH)) == []


def test_ten_services_at_most() -> None:
    many = [UUID(int=100 + number) for number in range(11)]
    services = {id_: service(id_) for id_ in many}
    offerings = {id_: (offering(id_),) for id_ in many}
    large = msgspec.structs.replace(CATALOGUE, services=services, offerings=offerings, items_max={})
    assert find_obstacle(large, visit(*many[:10])) is None
    assert find_obstacle(large, visit(*many)) == Obstacle("full", services[many[10]])
