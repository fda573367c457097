"""The webhook doors: raw bytes in, one inbox event each, a quick answer.

Always in this order: size cap, raw bytes, signature, parse, inbox, commit, 2xx. A duplicate is 2xx and nothing else; a
commit that failed is 503, so that the vendor sends again. No vendor is called on this path.
"""
