"""What people say of their own lives, in a town: the first result begins with one of the names.

Of what the county does: the first that is named of it. None: nobody in the county offers that, and nothing is made up.
"""

TOWN: tuple[tuple[str, str], ...] = (
    ("umziehen", "Wohnsitz anmelden"),
    ("umgezogen", "Wohnsitz anmelden"),
    ("eingezogen", "Wohnsitz anmelden"),
    ("umgemeldet", "Wohnsitz anmelden"),
    ("neue Wohnung", "Wohnsitz anmelden"),
    ("neue Adresse", "Wohnsitz anmelden"),
    ("Adresse ändern", "Wohnsitz anmelden"),
    ("ausgezogen", "Wohnsitz abmelden"),
    ("Perso", "Personalausweis beantragen"),
    ("Ausweise", "Personalausweis beantragen"),
    ("Ausweis abgelaufen", "Personalausweis beantragen"),
    ("Ausweis verloren", "Verlust/Diebstahl Personalausweis"),
    ("Pässe", "Reisepass"),
    ("Pass fürs Kind", "Reisepass (unter 24 Jahre)"),
    ("child passport", "Reisepass (unter 24 Jahre)"),
    ("heiraten", "Anmeldung Eheschließung"),
    ("verheiratet", "Anmeldung Eheschließung"),
    ("schwanger", "Geburt anzeigen"),
    ("Baby", "Geburt anzeigen"),
    ("Nachwuchs", "Geburt anzeigen"),
    ("Geburt", "Geburt anzeigen"),
    ("pregnant", "Geburt anzeigen"),
    ("gestorben", "Sterbeurkunde"),
    ("Sterbefall", "Sterbeurkunde"),
    ("died", "Sterbeurkunde"),
    ("Parkausweis", "Bewohnerparkausweis"),
    ("Führungszeugnis", "Führungszeugnis"),
    ("Gewerbe", "Gewerbe"),
    ("selbständig machen", "Gewerbe anmelden"),
    ("Nebengewerbe", "Gewerbe anmelden"),
    ("abgeholt", "Abholung Ausweisdokumente"),
    ("beglaubigen", "Beglaubigung"),
    ("angeln", "Fischereischein"),
    ("moved house", "Wohnsitz anmelden"),
)
COUNTY: tuple[tuple[str, str], ...] = (
    ("Auto anmelden", "Kfz-Neuzulassung"),
    ("Kfz", "Kfz-Neuzulassung"),
    ("Auto zulassen", "Kfz-"),
    ("Nummernschild", "Wunschkennzeichen"),
    ("Lappen", "Führerschein-Pflichtumtausch"),
    ("Führerschein", "Führerschein-Pflichtumtausch"),
    ("Führerschein verloren", "Ersatzführerschein"),
    ("Jagdschein", "Jagdschein"),
    ("Einbürgerung", "Einbürgerung"),
    ("Visum", "Verpflichtungserklärung"),
)
NOBODY: tuple[str, ...] = ("Hund", "Sperrmüll", "TÜV", "Termin", "Scheidung")
