"""Pages for members of the staff, all under `/verwaltung`."""
