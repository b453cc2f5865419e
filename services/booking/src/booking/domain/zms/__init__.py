"""The export of ZMS (the appointment software of Berlin and Munich, it-at-m/eappointment) as a tenant's configuration.

Each city fills the format in its own way: fields are missing, numbers are texts, lists are tables. So it is read field
by field, and whatever is not understood becomes a note of the report. Nothing is invented: what is assumed is said.
"""
