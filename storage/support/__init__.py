"""Support tickets: what people asked, what staff answered, what staff note for themselves, and all that happened.

Public messages and internal notes are two tables. What shows a conversation to its person reads the first alone, so a
note cannot come out by a forgotten filter (rule SP-1). Words are sealed; numbers, states, priorities and times are not.
"""
