"""Orders: what is bought beside letters and subscriptions, from the wish to the refund (business rules, section 8).

`till` takes an order, `minting` makes its session on a tap, `taking` hears of money, `fulfilling` gives what was paid
for, `giving` gives money back. `gateways` is the port behind which Stripe, Razorpay and others stand.
"""
