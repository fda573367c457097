"""Coupons: the codes, their uses, wrong guesses, and what campaigns brought.

How many uses a code has left is one conditional update, and how many of them a person may have is a unique key, so that
parallel checkouts never get more than there is (CP-7).
"""
