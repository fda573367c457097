"""The HTTP API's doors: `/api/v1`, where programs of a person act for them with a token (rules API-1 to API-5).

Always in this order: route, token, rate, scope, size, shape, then a read on the reading pool or a deed by the writer.
What the resources mean is the services' business (`bot.engine.api.Route`); nothing here knows a receipt.
"""
