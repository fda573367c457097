"""What is stored of parking-ticket appeals: cases, draft versions, payments, refunds, letters, evidence, follow-ups.

Personal columns are sealed and look-ups use keyed hashes. Changes of state are conditional updates that say whether
they happened, and run at once (`Work.claim`), so that a turn sees what it changed. The status log is append-only.
"""
