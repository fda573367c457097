"""The vendors as local HTTP servers: same protocol, same refusals, signed webhooks, and a book of what really happened.

Adapters under test and in demo mode are the real ones, pointed at these by `*_API_BASE`. Run several as one separate
process with `python -m integrations.fakes --stripe PORT --lob PORT --data DIR`.
"""
