"""The sample portal: eleven municipalities under one roof, and a service that is wholly online.

It stands for any portal or form server of a tenant and knows Schalter by its public interfaces alone: booking's list of
tenants and deep links, payment's API and signed webhooks.
"""
