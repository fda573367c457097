"""What is stored of a person's mail: their address here, whose mail is taken, what waits, what was seen, mailboxes.

Addresses are sealed and found by keyed hash. Secrets of mailboxes are blobs of their own, so that a call names a blob
and no outbox row holds a token; disconnecting deletes the blob.
"""
