"""Values that every part shares: clock, ids, money, errors, calls, texts. Imports nothing of ours."""
