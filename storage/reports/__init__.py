"""What reports count, each figure by one aggregated read over an index: no table is loaded, none is scanned (RP-2).

Functions take a reading connection and a span of moments, half-open. A table of another service that brings money adds
its reading to `selling.MONEY`; one that brings a new set of figures gets a module here.
"""
