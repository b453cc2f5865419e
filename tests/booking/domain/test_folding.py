"""German text as keys."""

import pytest

from booking.domain.folding import letter_of, street_key, surname_key


@pytest.mark.parametrize(
    ("surname", "key"),
    [
        ("Claessen", "claessen"),
        ("Österreich", "oesterreich"),
        ("ÖSTERREICH", "oesterreich"),
        ("von der Heide", "heide"),
        ("von-der-Heide", "heide"),
        ("van 't Hoff", "hoff"),
        ("Van den Berg", "berg"),
        ("op den Camp", "camp"),
        ("McArthur", "mcarthur"),
        ("O'Brien", "o brien"),
        ("de la Cruz", "cruz"),
        ("Graf von Spee", "spee"),
        ("Graf", "graf"),
        ("Graf Müller", "graf mueller"),
        ("Müller-Lüdenscheidt", "mueller luedenscheidt"),
        ("Große", "grosse"),
        ("Łukasz", "lukasz"),  # Unicode does not take Ł apart; it must not stand under U
        ("Đorđević", "dordevic"),
        ("Işık", "isik"),
        ("Ångström", "aangstroem"),
        ("Çelik", "celik"),
        ("Von", "von"),  # a name of its own
        ("  Esser  ", "esser"),
        ("Иванов", ""),  # no Latin letter: the passport has them
    ],
)
def test_a_surname_stands_where_a_german_counter_has_it(surname: str, key: str) -> None:
    assert surname_key(surname) == key


@pytest.mark.parametrize(
    "written",
    ["Valkenburger Straße", "valkenburger strasse", "Valkenburger Str.", "Valkenburger-Straße", "Valkenburgerstr"],
)
def test_a_street_is_itself_however_it_is_written(written: str) -> None:
    assert street_key(written) == "valkenburgerstrasse"


def test_streets_that_only_look_alike_are_two() -> None:
    assert street_key("St.-Rochus-Str.") == street_key("Sankt-Rochus-Straße")
    assert street_key("Strebenweg") == "strebenweg"
    assert street_key("Am Markt") != street_key("Markt")


def test_letters_of_a_list() -> None:
    assert [letter_of(name) for name in ("Änderung", "Übermittlungssperre", "eID-Karte", "2. Ausweis")] == [*"AUE", "#"]
