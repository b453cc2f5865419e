"""The files of `configure`: all that is wrong in them is said at once, with its place and what to write."""

from pathlib import Path

import pytest
from tests.booking.support.seed import seed_files

from booking.domain.catalogue_files import FileError
from booking.usecases.read_files import read_files

TENANT = """
[[tenants]]
slug = "muster"
name = "Stadt Muster"
kind = "Stadt"
ars = "053709999999"
email = "service@muster.example"
phone = "+49 221 4710 100"
represented_by = "die Bürgermeisterin"
colours = { primary = "#14387F", on_primary = "#FFFFFF", accent = "#7A5900" }
address = { street = "Markt 1", postcode = "52499", city = "Muster" }
"""
OFFICES = """
[hours.rathaus]
mon = ["08:00-12:00"]

[[building]]
tenant = "muster"
name = "Rathaus"
street = "Markt 1"
postcode = "52499"
city = "Muster"
hours = "rathaus"

[[office]]
tenant = "muster"
unit = "Bürgerbüro"
building = "Rathaus"
clerks = [
  { name = "Anna Muster", email = "anna@muster.example" },
]
"""
HEADER = (
    "name,name_en,kind,level,office,life_situation,leika,duration_min,extra_item_min,max_quantity,fee_kind,fee_eur,"
    "fee_from,former_fee_eur,payment_policy,channels,documents,synonyms\n"
)
ROW = "Ausweis,,visit,Gemeinde,Bürgerbüro,,,15,10,5,fixed,46.00,2026-02-07,37.00,counter,on_site,Foto; Pass,Perso\n"


class Folder:
    def __init__(self, path: Path) -> None:
        self.path = path
        self.write(TENANT, HEADER + ROW, OFFICES)

    def write(self, tenants: str | None = None, services: str | None = None, offices: str | None = None) -> None:
        for name, text in (("tenants.toml", tenants), ("services.csv", services), ("offices.toml", offices)):
            if text is not None:
                (self.path / name).write_text(text, "utf-8")

    def problems(self) -> list[str]:
        """Without the folder's name."""
        with pytest.raises(FileError) as caught:
            self.read()
        return [problem.replace(f"{self.path}/", "") for problem in caught.value.problems]

    def read(self) -> object:
        return read_files(self.path / "tenants.toml", self.path / "services.csv", self.path / "offices.toml")


@pytest.fixture
def folder(tmp_path: Path) -> Folder:
    return Folder(tmp_path)


def test_sound_files_are_read(folder: Folder) -> None:
    files = read_files(*(folder.path / name for name in ("tenants.toml", "services.csv", "offices.toml")))
    assert [profile.slug for profile in files.tenants] == ["muster"]
    assert files.services[0].documents == ("Foto", "Pass")
    assert (files.services[0].fee_cents, files.services[0].former_fee_cents) == (4600, 3700)


def test_a_spreadsheet_s_own_csv_is_read_too(folder: Folder) -> None:
    """Semicolons, commas in amounts, a byte order mark, and a column for remarks."""
    cells = ROW.strip().replace("46.00", "46,00").replace("Foto; Pass", '"Foto; Pass"').split(",")
    line = ";".join([*cells[:11], f"{cells[11]},{cells[12]}", *cells[13:]])
    folder.write(services="\ufeff" + HEADER.strip().replace(",", ";") + ";remark\n" + line + ";why\n")
    files = read_files(*(folder.path / name for name in ("tenants.toml", "services.csv", "offices.toml")))
    assert (files.services[0].fee_cents, files.services[0].documents) == (4600, ("Foto", "Pass"))


def test_english_documents_are_as_many_as_german_ones(folder: Folder) -> None:
    header, row = (f"{text.rstrip()},documents_en\n" for text in (HEADER, ROW))
    folder.write(services=header + row.replace(",documents_en", ",photo"))
    assert folder.problems() == [
        "services.csv:2: documents_en: write as many as in documents (2), in their order, or none"
    ]


def test_all_faults_of_all_files_are_named_at_once(folder: Folder) -> None:
    row = ROW.replace("visit", "vist").replace("15,10,5", "17,10,50").replace("46.00", "about 46")
    folder.write(
        tenants=TENANT.replace('slug = "muster"', 'slugg = "muster"'),
        services=HEADER + ROW + row.replace("2026-02-07", "soon"),
        offices=OFFICES.replace("anna@muster.example", "anna").replace('postcode = "52499"', "postcode = 52499"),
    )
    assert folder.problems() == [
        "tenants.toml:3: tenants[1].slugg: is not known here; did you mean “slug”?",
        "tenants.toml:2: tenants[1].slug: is missing: write a text",
        "services.csv:3: fee_eur: “about 46” will not do: write an amount such as 46.00",
        "services.csv:3: kind: “vist” will not do: write one of online, surcharge, visit, walk_in_or_visit",
        "services.csv:3: duration_min: “17” will not do: write a whole number, 0 to 480, a multiple of 5",
        "services.csv:3: max_quantity: “50” will not do: write a whole number, 1 to 20",
        "services.csv:3: fee_from: “soon” will not do: write a day such as 2026-02-07",
        "offices.toml:9: building[1].postcode: “52499” will not do: write a text",
        "offices.toml:18: office[1].clerks[1].email: “anna” will not do: write a mail address",
    ]


def test_what_does_not_fit_together_is_named_too(folder: Folder) -> None:
    offices = OFFICES.replace('["08:00-12:00"]', '["08:00-12:00", "11:00-13:00", "from 2"]')
    offices = offices.replace('building = "Rathaus"', 'building = "Ratshaus"')
    offices = offices.replace("]\n\n", "]\n\n", 1).rstrip()[:-1]
    offices += '  { name = "Anna Muster", email = "other@muster.example" },\n]\n'
    closure = '[[closure]]\ntenant = "muste"\nday = 2026-07-01\nreason = "Ausflug"\n'
    row = ROW.replace("Bürgerbüro", "Standesamt").replace("Gemeinde", "Land")
    folder.write(services=HEADER + ROW + row + ROW, offices=offices + closure)
    assert folder.problems() == [
        "offices.toml:3: hours.rathaus.mon[3]: “from 2” is no span of time: write one such as 08:00-12:30",
        "offices.toml:3: hours.rathaus.mon: these spans overlap: join them, or let one end before the next begins",
        "offices.toml:16: office[1].building: “Ratshaus” is no [[building]]: did you mean “Rathaus”?",
        "offices.toml:19: office[1].clerks[2]: the clerk “Anna Muster” stands here a second time: keep one",
        "offices.toml:22: closure[1].tenant: “muste” is no tenant: did you mean “muster”?",
        "services.csv:3: level: “Land” will not do: write one of Kreis, Gemeinde, Stadt, several with “/”",
        "services.csv:4: name: muster offers “Ausweis” twice: change one row's name or level",
    ]


def test_files_that_are_no_such_files_are_named(folder: Folder) -> None:
    folder.write(tenants="tenants = [", offices=OFFICES)
    (folder.path / "services.csv").write_bytes("Büro".encode("latin-1"))
    (folder.path / "offices.toml").unlink()
    problems = folder.problems()
    assert problems[0].startswith("tenants.toml: is no TOML: ")
    assert problems[1:] == [
        "services.csv: is not in UTF-8: save it as “CSV UTF-8” or in UTF-8",
        "offices.toml: cannot be read: No such file or directory",
    ]


def test_columns_and_cells_must_fit(folder: Folder) -> None:
    folder.write(services=HEADER.replace("synonyms", "synonym") + ROW.replace("Foto; Pass", "Foto, Pass"))
    assert folder.problems() == [
        "services.csv:1: columns are missing: synonyms",
        "services.csv:1: the column “synonym” is not known here: did you mean “synonyms”?",
        "services.csv:2: has more cells than the first line has columns: put quotes around commas",
    ]


def test_an_office_needs_somebody_and_a_service_its_room(folder: Folder) -> None:
    nobody = '[[office]]\ntenant = "muster"\nunit = "Archiv"\nbuilding = "Rathaus"\n'
    folder.write(
        services=HEADER.replace("synonyms", "synonyms,resources") + ROW.replace(",Perso", ",Perso,Fotokabine"),
        offices=OFFICES + nobody,
    )
    assert folder.problems() == [
        "offices.toml:20: office[2]: nobody serves here: add clerks or counters",
        "services.csv:2: resources: muster, Rathaus, has no “Fotokabine”: add a [[resource]] of this group",
    ]


@pytest.mark.parametrize(
    "template",
    [
        "http://video.example/{room}",
        "https://video.example/room",
        "https://video.example/{id}",
        "https://video.example/{room}/{room}",
        "https://{room}.video.example/",
        "https://office:secret@video.example/{room}",
        "https://video.example\\\\@evil.example/{room}",
        "https://video.example/{room} ",
        "https://video.example/{room}\\n",
        "javascript:alert('{room}')",
    ],
)
def test_a_room_for_video_is_an_address_that_leads_there_alone(folder: Folder, template: str) -> None:
    folder.write(tenants=f'{TENANT}video_url_template = "{template}"\n')
    (problem,) = folder.problems()
    assert problem.startswith("tenants.toml:12: tenants[1].video_url_template: “")
    assert problem.endswith(
        "” will not do: write an address such as https://video.example/{room}: https, no user, {room} once and behind"
        " the host"
    )


def test_video_needs_a_room(folder: Folder) -> None:
    folder.write(services=HEADER + ROW.replace("on_site", "on_site; video"))
    (problem,) = folder.problems()
    assert problem.startswith("services.csv:2: channels: muster has no room for video: give the tenant a video_url_tem")
    folder.write(tenants=f'{TENANT}video_url_template = "https://video.example:8443/#/{{room}}?name=x"\n')
    folder.read()


def test_a_feed_is_chosen_by_the_clerk(folder: Folder) -> None:
    """Nobody else would know its address, so that the clerk would be told of no visit."""
    folder.write(offices=OFFICES.replace('example" }', 'example", calendar = "feed" }'))
    (problem,) = folder.problems()
    assert problem == (
        "offices.toml:18: office[1].clerks[1].calendar: “feed” will not do: write invite or digest (a feed is chosen by"
        " the clerk, who is given its address then)"
    )


def test_rules_of_responsibility_name_who_is_there(folder: Folder) -> None:
    rule = (
        '[[responsibility]]\ntenant = "muster"\nname = "A bis K"\nclerk = "Anna Mustermann"\n'
        'surnames = [{ from = "A", to = "K" }]\nservices = ["Ausweis"]\n'
    )
    folder.write(offices=OFFICES + rule + rule.replace("Anna Mustermann", "Anna Muster"))
    assert folder.problems() == [
        "offices.toml:23: responsibility[1].clerk: there is no clerk “Anna Mustermann”",
        "offices.toml:28: responsibility[2].name: each name once",
    ]
    special = '[[special_hours]]\nhours = "rathaus"\nweekday = "sat"\nspan = "9-12"\nevery_weeks = 2\n'
    folder.write(offices=OFFICES + special)
    assert folder.problems() == [
        "offices.toml:23: special_hours[1].span: “9-12” is no span of time: write one such as 08:00-12:30",
        "offices.toml:24: special_hours[1].every_weeks: write it together with anchor, a day of such a week",
    ]


def test_the_demo_s_files_are_sound() -> None:
    assert len(seed_files().services) == 73
