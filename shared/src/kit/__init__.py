"""Plumbing that all services share. Knows no domain word: no appointment, no payment, no mail."""
