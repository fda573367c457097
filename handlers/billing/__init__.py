"""Billing: plans and what they let a person use, how much of it is left, and why (business rules, sections 2 to 4).

`catalogue` is the data, `resolver` and `periods` the pure rules, `rights` the answers to what other services ask
through `bot.engine.rights`.
"""
