"""The local reader of print: pictures and PDFs become lines of text with places, on this machine, without a network.

`adapter` is the port, `worker` keeps the reading process; the other modules run in that process. They are imported
there one by one, so this file imports nothing: the process would otherwise load the server's modules too.
"""
